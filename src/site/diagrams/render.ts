/**
 * Draws a diagram: one Chromium page with mermaid's bundle and the site's font, and no network.
 *
 * mermaid's output is made the site's own on the way out: its stylesheet and inline colours go (see `config.ts`), ids get a
 * prefix so that diagrams share a page, every node and actor says which component it is in `data-node`, and coordinates are rounded
 * so that the same source gives the same bytes.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright';
import { ensureTool } from '../../../tools/tool.ts';
import { fontFamily, fontSize, mermaidConfig } from './config.ts';

export class NoBrowser extends Error {
  constructor(tried: string[]) {
    super(
      `no Chromium to draw with (tried ${tried.join(', ')}). Set CHROME_PATH, or run: npx playwright install chromium`,
    );
    this.name = 'NoBrowser';
  }
}

export interface Renderer {
  render(source: string, prefix: string): Promise<string>;
  close(): Promise<void>;
}

const SYSTEM_BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

/** Imported late: a build that finds every diagram in the cache never loads a browser. */
async function launch(): Promise<Browser> {
  const { chromium } = await import('playwright');
  const candidates = [process.env['CHROME_PATH'], ...SYSTEM_BROWSERS, chromium.executablePath()].filter(
    (path) => path !== undefined,
  );
  const executablePath = candidates.find((path) => existsSync(path));
  if (!executablePath) throw new NoBrowser(candidates);
  const args = ['--disable-background-networking', '--font-render-hinting=none'];
  // Chromium refuses to start its sandbox as root, which is what containers run as.
  if (process.getuid?.() === 0) args.push('--no-sandbox');
  return chromium.launch({ executablePath, args });
}

export async function startRenderer(): Promise<Renderer> {
  const browser = await launch();
  try {
    // mermaid's browser bundle is one file, so that the page needs no network.
    const bundle = join(ensureTool('mermaid'), 'dist/mermaid.min.js');
    const page = await browser.newPage();
    await page.route('**/*', (route) => route.abort());
    await page.setContent(`<!doctype html><style>${fontFace()}</style><div id="stage"></div>`);
    await page.addScriptTag({ path: bundle });
    await page.evaluate(
      async ({ config, fonts }) => {
        await Promise.all(fonts.map((font) => document.fonts.load(font)));
        mermaid.initialize(config);
      },
      { config: mermaidConfig, fonts: [400, 600].map((weight) => `${weight} ${fontSize}px "${fontFamily}"`) },
    );
    return {
      render: async (source, prefix) => tidy(await draw(page, source, prefix)),
      close: () => browser.close(),
    };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

const fontFace = (): string => {
  const file = readFileSync(new URL('../fonts/hanken-grotesk.woff2', import.meta.url)).toString('base64');
  return `@font-face { font-family: '${fontFamily}'; font-weight: 400 700; src: url(data:font/woff2;base64,${file}) }`;
};

/** mermaid's own global, in the page. */
declare const mermaid: {
  initialize: (config: object) => void;
  render: (id: string, source: string) => Promise<{ svg: string }>;
};

/** Runs in the page; everything it needs is inside it. */
const draw = (page: Page, source: string, prefix: string): Promise<string> =>
  page.evaluate(
    // eslint-disable-next-line complexity -- it is sent to the page as it stands, so all that it needs is inside it
    async ({ source, prefix }) => {
      const { svg: text } = await mermaid.render(prefix, source);
      const stage = document.getElementById('stage') as HTMLElement;
      stage.innerHTML = text;
      const svg = stage.querySelector('svg') as SVGSVGElement;

      const all = <E extends Element = Element>(selector: string): E[] => [...svg.querySelectorAll<E>(selector)];

      // Which component a node or an actor stands for, and what a group is called.
      const nameIn = (id: string, pattern: RegExp): string => pattern.exec(id.replace(`${prefix}-`, ''))?.[1] ?? '';
      for (const node of all('g.node')) node.setAttribute('data-node', nameIn(node.id, /^flowchart-(.+)-\d+$/));
      for (const group of all('g.cluster')) group.setAttribute('data-group', nameIn(group.id, /^(.+)$/));
      for (const actor of all('rect.actor[name], g.actor-man[name]')) {
        const box = actor.matches('g') ? actor : actor.parentElement;
        box?.setAttribute('data-node', actor.getAttribute('name') ?? '');
      }

      // A lifeline ends where the drawing does.
      const bottom = svg.viewBox.baseVal.y + svg.viewBox.baseVal.height;
      for (const line of all('line.actor-line')) line.setAttribute('y2', String(bottom - 4));

      // A group's name stands at its corner and above the edges, which enter through the middle.
      for (const label of all('.cluster-label')) {
        const rect = label.parentElement?.querySelector('rect');
        const [, top = '0'] = /,\s*([-\d.]+)/.exec(label.getAttribute('transform') ?? '') ?? [];
        if (rect) label.setAttribute('transform', `translate(${rect.x.baseVal.value + 12}, ${Number(top) + 6})`);
        label.closest('.root')?.querySelector(':scope > .nodes')?.before(label);
      }

      // mermaid sets each word in a tspan of its own; a line is one.
      for (const line of all('.text-outer-tspan')) line.textContent = line.textContent;

      const unpainted = /^(style|data-(?!node|group)|aria-roledescription|filter|look|name|fill|stroke|font|alignment)/;
      for (const element of [svg, ...all('*')]) {
        for (const { name } of [...element.attributes]) if (unpainted.test(name)) element.removeAttribute(name);
      }
      // What paints nothing goes: mermaid's stylesheet, its filters and gradients, markers and ids that nothing refers to, empty boxes.
      for (const element of all('style, filter, linearGradient, symbol')) element.remove();
      const isUsed = (id: string): boolean =>
        all('*').some((element) => [...element.attributes].some(({ value }) => value === `url(#${id})`));
      for (const element of all('[id]')) {
        if (element.matches('title, desc') || isUsed(element.id)) continue;
        if (element.matches('marker')) element.remove();
        else element.removeAttribute('id');
      }
      for (const rect of all('rect:not([width])')) rect.remove();
      for (
        let empty = all('g:empty, defs:empty, text:empty');
        empty.length > 0;
        empty = all('g:empty, defs:empty, text:empty')
      ) {
        empty.forEach((element) => element.remove());
      }

      svg.setAttribute('role', 'img');
      return stage.innerHTML;
    },
    { source, prefix },
  );

/** Whole tenths of a pixel are finer than any screen. */
const tidy = (svg: string): string =>
  svg.replace(/-?\d+\.\d{2,}/g, (number) => String(Number(Number(number).toFixed(1)) + 0)) + '\n';
