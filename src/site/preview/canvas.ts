/** A sheet of the preview's size to draw on, in the site's colours and fonts; the few things that a preview needs of Skia. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import init, {
  type CanvasKit,
  type Paint,
  type Paragraph,
  type Surface,
  type TypefaceFontProvider,
} from 'canvaskit-wasm/full';

/** What sites that show a preview ask for. */
export const previewSize = { width: 1200, height: 630 } as const;

/** A colour by its name in `styles/tokens.css`. */
type Color = 'paper' | 'ink' | 'ink-soft' | 'ink-faint' | 'rule' | 'line' | 'failed';

export interface TextStyle {
  size: number;
  weight: number;
  color: Color;
  mono?: boolean;
  /** Set close, as headings are. */
  tight?: boolean;
}

interface Stroke {
  color: Color;
  width: number;
  dotted?: boolean;
  round?: boolean;
}

export interface Canvas {
  /** Writes from a corner at the top left and says what it took; more than `lines` end in an ellipsis. */
  text: (
    words: string,
    x: number,
    y: number,
    style: TextStyle,
    room?: { width: number; lines: number },
  ) => { height: number };
  measure: (words: string, style: TextStyle, width?: number) => { width: number; lines: number };
  /** A stroke along an SVG path. */
  path: (d: string, stroke: Stroke, placed?: { x: number; y: number; scale: number }) => void;
  disc: (x: number, y: number, radius: number, paint: { fill: Color; stroke: Color; width: number }) => void;
  square: (x: number, y: number, half: number, fill: Color) => void;
  png: () => Uint8Array<ArrayBuffer>;
}

interface Tools {
  kit: CanvasKit;
  surface: Surface;
  fonts: TypefaceFontProvider;
  /** `styles/tokens.css` */
  tokens: string;
}

let opened: Promise<Tools> | undefined;

/** One sheet serves all previews, one after the other: drawing never waits. */
export async function openCanvas(background: Color): Promise<Canvas> {
  const tools = await (opened ??= open());
  const { kit, surface } = tools;
  const canvas = surface.getCanvas();
  canvas.clear(colorOf(tools, background));

  const painted = (paint: (paint: Paint) => void): Paint => {
    const made = new kit.Paint();
    made.setAntiAlias(true);
    paint(made);
    return made;
  };
  const filled = (fill: Color): Paint =>
    painted((paint) => {
      paint.setStyle(kit.PaintStyle.Fill);
      paint.setColor(colorOf(tools, fill));
    });
  const stroked = ({ color, width, dotted = false, round = false }: Stroke): Paint =>
    painted((paint) => {
      paint.setStyle(kit.PaintStyle.Stroke);
      paint.setColor(colorOf(tools, color));
      paint.setStrokeWidth(width);
      paint.setStrokeJoin(kit.StrokeJoin.Round);
      if (dotted || round) paint.setStrokeCap(kit.StrokeCap.Round);
      if (dotted) paint.setPathEffect(kit.PathEffect.MakeDash([0.1, width * 2]));
    });

  return {
    text(words, x, y, style, room = { width: previewSize.width, lines: 1 }) {
      const paragraph = layOut(tools, words, style, room.width, room.lines);
      canvas.drawParagraph(paragraph, x, y);
      const height = paragraph.getHeight();
      paragraph.delete();
      return { height };
    },
    measure(words, style, width = previewSize.width) {
      const paragraph = layOut(tools, words, style, width);
      const measured = { width: paragraph.getLongestLine(), lines: paragraph.getNumberOfLines() };
      paragraph.delete();
      return measured;
    },
    path(d, stroke, { x, y, scale } = { x: 0, y: 0, scale: 1 }) {
      const path = kit.Path.MakeFromSVGString(d);
      if (path === null) throw new Error(`A preview draws the path "${d}", which Skia does not understand.`);
      const paint = stroked(stroke);
      canvas.save();
      canvas.translate(x, y);
      canvas.scale(scale, scale);
      canvas.drawPath(path, paint);
      canvas.restore();
      paint.delete();
      path.delete();
    },
    disc(x, y, radius, { fill, stroke, width }) {
      for (const paint of [filled(fill), stroked({ color: stroke, width })]) {
        canvas.drawCircle(x, y, radius, paint);
        paint.delete();
      }
    },
    square(x, y, half, fill) {
      const paint = filled(fill);
      canvas.drawRRect(kit.RRectXY(kit.XYWHRect(x - half, y - half, 2 * half, 2 * half), 3, 3), paint);
      paint.delete();
    },
    png() {
      const image = surface.makeImageSnapshot();
      const bytes = image.encodeToBytes(kit.ImageFormat.PNG, 100);
      image.delete();
      if (bytes === null) throw new Error('Skia could not encode a preview as PNG.');
      return new Uint8Array(bytes);
    },
  };
}

async function open(): Promise<Tools> {
  const { resolve } = createRequire(join(process.cwd(), 'package.json'));
  const kit = await init({ locateFile: (file) => resolve(`canvaskit-wasm/bin/full/${file}`) });
  const surface = kit.MakeSurface(previewSize.width, previewSize.height);
  if (surface === null) throw new Error('Skia gave no surface to draw previews on.');
  const fonts = kit.TypefaceFontProvider.Make();
  fonts.registerFont(read('fonts/hanken-grotesk.woff2'), 'text');
  fonts.registerFont(read('fonts/jetbrains-mono.woff2'), 'mono');
  return { kit, surface, fonts, tokens: read('styles/tokens.css').toString() };
}

/** A file of the site. From the project's root, for the code itself runs from wherever a build puts it. */
const read = (file: string): Buffer<ArrayBuffer> => readFileSync(join(process.cwd(), 'src/site', file));

function layOut(tools: Tools, words: string, style: TextStyle, width: number, lines?: number): Paragraph {
  const { kit, fonts } = tools;
  const builder = kit.ParagraphBuilder.MakeFromFontProvider(
    new kit.ParagraphStyle({
      ...(lines === undefined ? {} : { maxLines: lines, ellipsis: '…' }),
      textStyle: {
        color: colorOf(tools, style.color),
        fontFamilies: [style.mono === true ? 'mono' : 'text'],
        fontSize: style.size,
        fontVariations: [{ axis: 'wght', value: style.weight }],
        heightMultiplier: style.tight === true ? 1.06 : 1.36,
        letterSpacing: style.tight === true ? -style.size * 0.025 : 0,
      },
    }),
    fonts,
  );
  builder.addText(words);
  const paragraph = builder.build();
  builder.delete();
  paragraph.layout(width);
  const missing = paragraph.unresolvedCodepoints();
  if (missing.length > 0) {
    throw new Error(
      `A preview says "${words}", and the site's font lacks ${missing.map((code) => String.fromCodePoint(code)).join(' ')}. Say it otherwise, or cut the font with it: see src/site/fonts/README.md.`,
    );
  }
  return paragraph;
}

/** From the light theme: a preview stands on other people's pages, where light is the rule. */
function colorOf({ kit, tokens }: Tools, name: Color): Float32Array {
  const hex = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}),`).exec(tokens)?.[1];
  if (hex === undefined) throw new Error(`src/site/styles/tokens.css has no light colour --${name}.`);
  return kit.parseColorString(hex);
}
