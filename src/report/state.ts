/** How a state looks: a shape of its own before a colour. */
import type { Outcome } from '../runbook/report.ts';

/** The sign of an outcome; its word must stand beside it, for the sign is hidden from screen readers. */
export const stateIcon = (outcome: Outcome): string =>
  `<svg class="rb-icon" data-state="${outcome}" viewBox="0 0 20 20" aria-hidden="true"><use href="#rb-${outcome}"/></svg>`;

/** The shapes of the states, once a page. Each differs in form, so that colour is never needed to tell them apart. */
export const stateShapes = [
  [
    'passed',
    '<circle cx="10" cy="10" r="8.5" fill="currentColor"/><path d="M6 10.4l2.7 2.7L14 7.6" fill="none" stroke="var(--paper)" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/>',
  ],
  [
    'failed',
    '<rect x="2" y="2" width="16" height="16" rx="2" fill="currentColor"/><path d="M6.7 6.7l6.6 6.6M13.3 6.7l-6.6 6.6" stroke="var(--paper)" stroke-width="2" stroke-linecap="round"/>',
  ],
  [
    'warned',
    '<path d="M10 2.2L18.6 17.4H1.4z" fill="currentColor" stroke="currentColor" stroke-width="1.6" stroke-linejoin="round"/><path d="M10 7.4v4.6M10 14.6v.2" stroke="var(--paper)" stroke-width="2" stroke-linecap="round"/>',
  ],
  [
    'blocked',
    '<circle cx="10" cy="10" r="7.5" fill="none" stroke="currentColor" stroke-width="2"/><path d="M5.8 10h8.4" stroke="currentColor" stroke-width="2.4" stroke-linecap="round"/>',
  ],
  [
    'unknown',
    '<circle cx="10" cy="10" r="7.5" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="3.2 2.7"/><path d="M7.9 8.1a2.1 2.1 0 1 1 3 1.9c-.7.4-.9.8-.9 1.5M10 13.8v.1" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round"/>',
  ],
  ['skipped', '<circle cx="10" cy="10" r="3.2" fill="currentColor"/>'],
] as const;
