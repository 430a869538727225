/**
 * How mermaid lays a diagram out. Colours are not here: the SVG carries classes only, and `styles/diagrams.css` paints them with the
 * same tokens as the text, so that one file serves both themes. What is here is what decides a box's size.
 */
import { versionOf } from '../../../tools/tool.ts';

export const mermaidVersion = versionOf('mermaid');

/** Raise it when `render.ts` changes what it does to mermaid's output: every diagram is then drawn again. */
export const rendererVersion = 1;

/** The kinds that `styles/diagrams.css` knows how to paint. */
export const diagramKinds = ['flowchart', 'graph', 'sequenceDiagram'] as const;

/** Must be what `styles/diagrams.css` sets on the text, or labels outgrow their boxes. */
export const fontFamily = 'Hanken Grotesk';
export const fontSize = 16;

/** mermaid's `MermaidConfig`. Its types are not to be had here: mermaid is installed when there is something to draw. */
export const mermaidConfig = {
  startOnLoad: false,
  securityLevel: 'strict',
  suppressErrorRendering: true,
  deterministicIds: true,
  theme: 'base',
  look: 'classic',
  fontFamily,
  fontSize,
  themeVariables: { fontFamily, fontSize: `${fontSize}px` },
  // SVG text rather than HTML in foreignObject: it prints, scales and is never clipped by a box measured elsewhere.
  htmlLabels: false,
  flowchart: {
    curve: 'linear',
    nodeSpacing: 36,
    rankSpacing: 84,
    padding: 14,
    wrappingWidth: 260,
    diagramPadding: 4,
    useMaxWidth: false,
  },
  sequence: {
    useMaxWidth: false,
    mirrorActors: false,
    wrap: true,
    width: 100,
    height: 48,
    actorMargin: 18,
    boxMargin: 8,
    messageMargin: 40,
    diagramMarginX: 4,
    diagramMarginY: 4,
    actorFontFamily: fontFamily,
    actorFontSize: fontSize,
    actorFontWeight: 600,
    messageFontFamily: fontFamily,
    messageFontSize: fontSize,
    messageFontWeight: 400,
    noteFontFamily: fontFamily,
    noteFontSize: fontSize - 1,
    noteFontWeight: 400,
  },
};
