/**
 * Markdown plugin for the reference of components: under each heading that is a component's name, where it stands on the line. Stations of
 * the request are numbered; the others say which plane they belong to and where that plane joins.
 */
import type { MdastPluginEntry } from 'satteri';
import { components, componentTitle, type ComponentId } from '../../../runbooks/components.ts';
import { branches, requestLine } from '../line.ts';
import { escapeHtml } from '../../formats/html.ts';

const REFERENCE = '/content/reference/components.md';

const PLANES: Record<(typeof components)[number]['plane'], string> = {
  request: 'Under the whole line',
  dns: 'DNS',
  control: 'Control plane',
  tls: 'TLS',
  secrets: 'Secrets',
};

export const stationStrips: MdastPluginEntry = ({ fileURL }) =>
  fileURL?.pathname.endsWith(REFERENCE) && {
    name: 'station-strips',
    heading(node, context) {
      const text = context.textContent(node).replaceAll('’', "'");
      const component = components.find(({ title }) => title === text);
      if (component) context.insertAfter(node, { type: 'html', value: stripHtml(component) });
    },
  };

function stripHtml({ id, plane }: { id: ComponentId; plane: keyof typeof PLANES }): string {
  const branch = branches.find(({ stations }) => stations.some((station) => station.id === id));
  const at = requestLine.findIndex((station) => station.id === id);
  const joins = branch
    ? requestLine.flatMap((station, index) => (branch.interchanges.includes(station.id) ? [index] : []))
    : [];
  const words =
    at >= 0
      ? `Station ${at + 1} of ${requestLine.length} on the request line`
      : branch
        ? `${branch.title}, joins the line at ${branch.interchanges.map(componentTitle).join(' and ')}`
        : PLANES[plane];
  return `<p class="station-strip${at >= 0 ? '' : ' off'}">${strip(at >= 0 ? [at] : joins)}<span>${escapeHtml(words)}</span></p>`;
}

/** A small copy of the line, with a mark at some of its stations. */
function strip(here: readonly number[]): string {
  const gap = 18;
  const stations = requestLine
    .map((_, index) => {
      const marked = here.includes(index);
      return `<circle${marked ? ' class="here"' : ''} cx="${8 + index * gap}" cy="8" r="${marked ? 5 : 3}"/>`;
    })
    .join('');
  const width = 16 + (requestLine.length - 1) * gap;
  return `<svg class="not-content" viewBox="0 0 ${width} 16" width="${width}" height="16" aria-hidden="true"><path d="M8 8H${width - 8}"/>${stations}</svg>`;
}
