/**
 * Rules of the house for the linter, so that an editor tells them as one writes: which room may import which, what takes nothing from Node, and
 * that no files import one another in a circle. The table of rooms is in eslint.config.mjs.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** @param {string} file */
const inProject = (file) => relative(root, file).split(sep).join('/');

/** @param {string} file @param {Record<string, unknown>} rooms @returns {string | undefined} The room with the longest name that the file stands in. */
const roomOf = (file, rooms) =>
  Object.keys(rooms)
    .filter((room) => file === room || file.startsWith(`${room}/`))
    .sort((one, other) => other.length - one.length)[0];

/** Calls back with each module that a file imports, whether it is for values, for types, or again exported. */
const onImports = (/** @type {(node: any, module: string) => void} */ tell) => {
  const visit = (/** @type {any} */ node) => {
    if (typeof node.source?.value === 'string') tell(node.source, node.source.value);
  };
  return {
    ImportDeclaration: visit,
    ExportNamedDeclaration: visit,
    ExportAllDeclaration: visit,
    ImportExpression: visit,
  };
};

/** A room imports itself and the rooms that the table names; a pure room takes nothing from Node but in its folder `node`. */
const direction = {
  meta: { type: 'problem', schema: [{ type: 'object' }] },
  create(/** @type {any} */ context) {
    const file = inProject(context.filename);
    const [rooms] = context.options;
    const room = roomOf(file, rooms);
    if (room === undefined) return {};
    const { imports, types = [], pure = false } = rooms[room];
    const isEdge = file.startsWith(`${room}/node/`);
    return onImports((node, module) => {
      if (pure && !isEdge && module.startsWith('node:')) {
        context.report({ node, message: `${room} takes nothing from Node, for it runs in a browser, too.` });
      }
      if (!module.startsWith('.') && module !== '#stack') return;
      // Whoever takes the names takes those of the stack file, or of the one that tests put in its place.
      const target = module === '#stack' ? 'runbooks/stack.ts' : inProject(resolve(dirname(context.filename), module));
      if (module !== '#stack' && target === 'runbooks/stack.ts') {
        context.report({ node, message: 'Import #stack, so that a test can put another stack in its place.' });
      }
      const other = roomOf(target, rooms) ?? target.split('/')[0];
      const isType = node.parent.importKind === 'type' || node.parent.exportKind === 'type';
      if (other !== room && !imports.includes(other) && !(isType && types.includes(other))) {
        context.report({
          node,
          message: `${room} may import ${[...imports, ...types.map((from) => `types of ${from}`)].join(', ') || 'no other room'}, and not ${other}.`,
        });
      }
      if (pure && !isEdge && other === room && target.startsWith(`${room}/node/`)) {
        context.report({ node, message: `What of ${room} is pure does not import its edge.` });
      }
    });
  },
};

/** What a file imports of the project, by its modification: an editor lints a file again and again. */
const known = new Map();

/** @param {string} file @returns {readonly string[]} */
function importsOf(file) {
  const changed = statSync(file).mtimeMs;
  const before = known.get(file);
  if (before?.changed === changed) return before.imports;
  const code = readFileSync(file, 'utf8');
  const imports = [...code.matchAll(/^(?:import|export)\b[^;'"]*?(?:from\s+)?['"](\.[^'"]+\.ts)['"]/gm)]
    .map(([, module = '']) => resolve(dirname(file), module))
    .filter((target) => existsSync(target));
  known.set(file, { changed, imports });
  return imports;
}

/** @param {string} from @param {string} to @param {Set<string>} seen @returns {readonly string[] | undefined} The files on the way. */
function wayTo(from, to, seen = new Set()) {
  if (from === to) return [from];
  seen.add(from);
  for (const next of importsOf(from)) {
    const rest = seen.has(next) ? undefined : wayTo(next, to, seen);
    if (rest !== undefined) return [from, ...rest];
  }
  return undefined;
}

const noCircle = {
  meta: { type: 'problem', schema: [] },
  create(/** @type {any} */ context) {
    return onImports((node, module) => {
      if (!module.startsWith('.') || !module.endsWith('.ts')) return;
      const target = resolve(dirname(context.filename), module);
      const way = existsSync(target) ? wayTo(target, context.filename) : undefined;
      if (way !== undefined) {
        context.report({ node, message: `This leads back here: ${way.map(inProject).join(', ')}.` });
      }
    });
  },
};

export default { meta: { name: 'house' }, rules: { direction, 'no-circle': noCircle } };
