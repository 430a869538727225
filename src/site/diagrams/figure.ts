/**
 * The HTML around a diagram. The drawing scrolls sideways where it is wider than its room, and opens over the whole window as a
 * popover, which browsers do without any script: Escape closes it, and the button tells assistive technology what it controls.
 */
import { escapeHtml } from '../../formats/html.ts';
import { svgPrefix } from './diagram.ts';

/** `occurrence` tells apart a diagram that a page shows twice: ids must not repeat. */
export function figureHtml(key: string, svg: string, occurrence = 1): string {
  const prefix = occurrence === 1 ? svgPrefix(key) : `${svgPrefix(key)}-${occurrence}`;
  const drawing = svg.replaceAll(svgPrefix(key), prefix).trim();
  const title = /<title[^>]*>([^<]*)<\/title>/.exec(drawing)?.[1] ?? '';
  const [, , width = 0, height = 0] = (/viewBox="([^"]+)"/.exec(drawing)?.[1] ?? '').split(/[\s,]+/).map(Number);
  const id = `${prefix}-view`;
  return (
    `<figure class="diagram not-content" style="--diagram-width:${Math.ceil(width)};--diagram-height:${Math.ceil(height)}">` +
    `<div class="diagram-view" id="${id}" popover tabindex="0" role="group" aria-label="Diagram: ${escapeHtml(unescapeHtml(title))}">` +
    drawing +
    `<button class="diagram-close" type="button" popovertarget="${id}" popovertargetaction="hide">Close</button>` +
    `</div>` +
    `<figcaption><span>${title}</span><button class="diagram-open" type="button" popovertarget="${id}">Open large</button></figcaption>` +
    `</figure>`
  );
}

const unescapeHtml = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
