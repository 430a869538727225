/**
 * A page's preview image: its section, title and description over the request line. On a Common Issue the line is closed at the station
 * where the issue shows, and dotted from there on.
 *
 * Drawn with Skia (canvaskit-wasm) on the processor, from the site's own fonts and colours and nothing of the machine: the same page gives the
 * same bytes everywhere. astro-og-canvas, which wraps the same library, places a logo, a title and a description, but draws no line.
 */
import { componentTitle, type ComponentId } from '../../../runbooks/components.ts';
import { stack } from '#stack';
import type { Runbook } from '../../runbook/runbook.ts';
import { requestLine, stationOf } from '../line.ts';
import { type Canvas, openCanvas, previewSize, type TextStyle } from './canvas.ts';

export interface PreviewPage {
  title: string;
  description: string;
  section: string | undefined;
  runbook: Runbook | undefined;
}

const MARGIN = 72;
const WIDTH = previewSize.width - 2 * MARGIN;

/** A title stands on one line if it can at one of these sizes, otherwise on two at the last. */
const TITLE_SIZES = [80, 76, 72, 68, 64, 60];

const LABEL: TextStyle = { size: 18, weight: 550, color: 'ink-soft' };

export async function drawPreview({
  title,
  description,
  section,
  runbook,
}: PreviewPage): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = await openCanvas('paper');
  drawHeader(canvas, section);
  const top = section === undefined ? 156 : 138;
  const titleStyle = (size: number): TextStyle => ({ size, weight: 700, color: 'ink', tight: true });
  const size = TITLE_SIZES.find((each) => canvas.measure(title, titleStyle(each), WIDTH).lines === 1) ?? 60;
  let y = top;
  if (section !== undefined) y += canvas.text(section, MARGIN, y, { size: 28, weight: 650, color: 'line' }).height + 10;
  y += canvas.text(title, MARGIN, y, titleStyle(size), { width: WIDTH, lines: 2 }).height + 18;
  canvas.text(description, MARGIN, y, { size: 29, weight: 400, color: 'ink-soft' }, { width: 1000, lines: 2 });
  drawLine(canvas, runbook === undefined ? undefined : closedStation(runbook));
  return canvas.png();
}

/** A runbook's last check is the symptom, for causes come first: it says where on the line the reader is held up. */
export function closedStation({ checks }: Pick<Runbook, 'checks'>): ComponentId | undefined {
  const symptom = checks.at(-1);
  return symptom && stationOf(symptom.component as ComponentId);
}

/** The mark of the site and its name on the left, where it is published on the right. */
function drawHeader(canvas: Canvas, section: string | undefined): void {
  const y = 64;
  canvas.path('M1 6h9l12 12h13', { color: 'line', width: 4 }, { x: MARGIN, y: y - 18, scale: 1.5 });
  canvas.disc(MARGIN + 16 * 1.5, y, 7.5, { fill: 'paper', stroke: 'ink', width: 4.5 });
  if (section !== undefined)
    canvas.text(stack.site.title, MARGIN + 70, y - 18, { size: 28, weight: 650, color: 'ink' });
  const host = new URL(stack.site.url).host;
  const style: TextStyle = { size: 22, weight: 450, color: 'ink-faint', mono: true };
  canvas.text(host, previewSize.width - MARGIN - canvas.measure(host, style).width, y - 15, style);
}

/** The request line as on the landing page, level, then down at 45 degrees, then level. */
function drawLine(canvas: Canvas, closed: ComponentId | undefined): void {
  const [upper, lower] = [482, 530];
  const gap = WIDTH / (requestLine.length - 1);
  const stations = requestLine.map(({ id }, index) => ({
    id,
    x: MARGIN + 10 + index * ((WIDTH - 20) / (requestLine.length - 1)),
    y: index < 3 ? upper : lower,
  }));
  const end = stations.findIndex(({ id }) => id === closed);
  const bend = (stations[2]?.x ?? 0) + gap / 2 - (lower - upper) / 2;
  const corners = [
    ...stations.slice(0, 3),
    { x: bend, y: upper },
    { x: bend + lower - upper, y: lower },
    ...stations.slice(3),
  ];
  const path = (points: readonly { x: number; y: number }[]): string =>
    points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  const at = end === -1 ? corners.length - 1 : corners.findIndex((corner) => corner === stations[end]);
  canvas.path(path(corners.slice(at)), { color: 'line', width: 10, dotted: true });
  canvas.path(path(corners.slice(0, at + 1)), { color: 'line', width: 12 });

  for (const [index, { id, x, y }] of stations.entries()) {
    const beyond = end !== -1 && index > end;
    // Dots end at a distance from a station, not halfway under its rim.
    if (beyond) canvas.disc(x, y, 18, { fill: 'paper', stroke: 'paper', width: 5 });
    if (index === end) {
      canvas.square(x, y, 17, 'failed');
      canvas.path(`M${x - 7} ${y - 7}L${x + 7} ${y + 7}M${x + 7} ${y - 7}L${x - 7} ${y + 7}`, {
        color: 'paper',
        width: 4.5,
        round: true,
      });
    } else {
      canvas.disc(x, y, 12, { fill: 'paper', stroke: beyond ? 'ink-faint' : 'ink', width: 5 });
    }
    const style: TextStyle =
      index === end
        ? { ...LABEL, color: 'failed', weight: 700 }
        : { ...LABEL, color: beyond ? 'ink-faint' : 'ink-soft' };
    const name = componentTitle(id);
    const { width } = canvas.measure(name, style);
    const left = Math.min(Math.max(x - width / 2, MARGIN - 4), previewSize.width - MARGIN + 4 - width);
    canvas.text(name, left, y + 24, style);
  }
}
