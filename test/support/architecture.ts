import { posix } from 'node:path';
import ts from 'typescript';

/** Parts of `src/`, lowest rank first. A file imports its own part and lower ranks; neighbours stay apart. */
export const ranks: readonly (readonly string[])[] = [
  ['errors'],
  ['core', 'columnar'],
  ['nodes', 'expr', 'aggregate', 'window', 'join', 'formats'],
  ['graph', 'running'],
  ['frame'],
  ['sources', 'plugins'],
  ['sinks'],
  ['node'],
  ['store', 'worker', 'flight', 'chart'],
  ['dashboard'],
  ['testing'],
  ['index'],
];

/** Stands for what is imported by a name that only the running program knows. */
const computedName = 'a computed name';

const buffersIn = ['columnar', 'formats'];
const bufferClasses = ['Data', 'makeData'];
const bufferFields = ['nullBitmap', 'variadicBuffers', 'typeIds'];

/** Builders of apache-arrow compile their null test with `new Function`, which a strict policy refuses. */
const builders = /Builder$|^builderThrough|^vectorFromArray$|^tableFrom(Arrays|JSON)$/;

/** Parts and files; of `graph`, the file that makes the empty element and the one that is loaded to draw in it. */
const domIn = ['chart', 'dashboard', 'graph/visualize.ts', 'graph/svg.ts'];
const domNames =
  /^(document|customElements|requestAnimationFrame|(Resize|Intersection|Mutation)Observer|(HTML|SVG)\w*Element|Element)$/;

/** The part for Node: it alone imports modules of Node, and nothing that a browser gets imports it. */
const forNode = 'node';

/** Packages that a part loads when they are first used. */
const loadedIn: Readonly<Record<string, RegExp>> = { chart: /^vega(-|$)/, graph: /^@dagrejs\/dagre$/ };

/** Loads modules that packages name, and so by names that it computes. */
const loadsPlugins = 'node/load-plugins.ts';

/**
 * The part a file of `src/` belongs to: its folder, or its own name at the top. The two fluent handles,
 * `stream.ts` and `frame/`, make each other and are one part. Paths are relative to `src/`.
 */
export function partOf(path: string): string {
  const part = path.split('/')[0]!.replace(/\.ts$/, '');
  return part === 'stream' ? 'frame' : part;
}

export function rankOf(part: string): number {
  return ranks.findIndex((parts) => parts.includes(part));
}

/** What the text of a file of `src/` does against the rules, one line each. `path` is relative to `src/`. */
export function violations(path: string, text: string): string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const part = partOf(path);
  const found: string[] = [];
  const complain = (node: ts.Node, what: string): void => {
    found.push(`${path}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1}: ${what}`);
  };
  if (rankOf(part) < 0) found.push(`${path}: part ${JSON.stringify(part)} has no rank`);

  const visit = (node: ts.Node): void => {
    const imported = importOf(node);
    if (imported !== undefined) {
      const wrong = wrongImport(path, imported);
      if (wrong !== undefined) complain(node, wrong);
      for (const name of imported.from === 'apache-arrow' ? imported.names : []) {
        if (imported.how === 'static' && builders.test(name)) {
          complain(node, `imports ${name}, which makes code from text`);
        }
        if (bufferClasses.includes(name) && !buffersIn.includes(part)) {
          complain(node, `imports ${name}: buffers belong to columnar and formats`);
        }
      }
    }
    if (node.kind === ts.SyntaxKind.AnyKeyword) complain(node, 'says any');
    if (ts.isIdentifier(node)) {
      if (bufferFields.includes(node.text) && !buffersIn.includes(part)) {
        complain(node, `touches ${node.text}: buffers belong to columnar and formats`);
      }
      if (isFree(node) && domNames.test(node.text) && !domIn.includes(part) && !domIn.includes(path)) {
        complain(node, `names ${node.text}: the DOM belongs to chart and dashboard`);
      }
      if (isFree(node) && (node.text === 'eval' || (node.text === 'Function' && isCalled(node)))) {
        complain(node, `makes code from text by ${node.text}`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

interface Import {
  readonly from: string;
  readonly names: readonly string[];
  readonly how: 'static' | 'type' | 'dynamic';
}

/** The module that `node` itself refers to, workers included. */
function importOf(node: ts.Node): Import | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    const clause = node.importClause;
    const bindings = clause?.namedBindings;
    const elements = bindings !== undefined && ts.isNamedImports(bindings) ? [...bindings.elements] : [];
    const typesOnly =
      clause?.isTypeOnly === true ||
      (clause !== undefined &&
        clause.name === undefined &&
        elements.length > 0 &&
        elements.every((element) => element.isTypeOnly));
    return {
      from: node.moduleSpecifier.text,
      names: elements.map((element) => (element.propertyName ?? element.name).text),
      how: typesOnly ? 'type' : 'static',
    };
  }
  if (
    ts.isExportDeclaration(node) &&
    node.moduleSpecifier !== undefined &&
    ts.isStringLiteral(node.moduleSpecifier)
  ) {
    const clause = node.exportClause;
    const elements = clause !== undefined && ts.isNamedExports(clause) ? [...clause.elements] : [];
    return {
      from: node.moduleSpecifier.text,
      names: elements.map((element) => (element.propertyName ?? element.name).text),
      how: node.isTypeOnly ? 'type' : 'static',
    };
  }
  if (
    ts.isImportTypeNode(node) &&
    ts.isLiteralTypeNode(node.argument) &&
    ts.isStringLiteral(node.argument.literal)
  ) {
    const name = node.qualifier?.getText() ?? '';
    return { from: node.argument.literal.text, names: [name], how: 'type' };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments;
    const from = argument !== undefined && ts.isStringLiteralLike(argument) ? argument.text : computedName;
    return { from, names: [], how: 'dynamic' };
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'URL') {
    const [argument, base] = node.arguments ?? [];
    if (argument !== undefined && ts.isStringLiteralLike(argument) && base?.getText() === 'import.meta.url') {
      return { from: argument.text.replace(/\.js$/, '.ts'), names: [], how: 'dynamic' };
    }
  }
  return undefined;
}

function wrongImport(path: string, { from, how }: Import): string | undefined {
  const part = partOf(path);
  if (!from.startsWith('.')) {
    if (from === 'apache-arrow') return undefined;
    if (part === forNode && from.startsWith('node:')) return undefined;
    if (path === loadsPlugins && from === computedName) return undefined;
    if (loadedIn[part]?.test(from)) {
      return how === 'static' ? `imports ${from} at once: it is loaded when first used` : undefined;
    }
    return `imports ${from}, which is no dependency of this part`;
  }
  if (!from.endsWith('.ts')) return `imports ${from} without its ending .ts`;
  const target = posix.join(posix.dirname(path), from);
  if (target.startsWith('..')) return `imports ${from} from outside of src`;
  const other = partOf(target);
  if (other === part) return undefined;
  if (other === forNode) return `imports ${from}: no other part may need Node`;
  const [own, theirs] = [rankOf(part), rankOf(other)];
  if (theirs < 0) return `imports ${from}, whose part ${JSON.stringify(other)} has no rank`;
  if (theirs === own) return `imports ${from}: ${part} and ${other} are neighbours`;
  if (theirs > own) return `imports ${from}: ${other} ranks above ${part}`;
  return undefined;
}

/** Whether an identifier stands for a variable or type, not for a property or a member's name. */
function isFree(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) {
    return parent.expression.getText() === 'globalThis' || parent.expression.getText() === 'window';
  }
  if (ts.isQualifiedName(parent)) return parent.left === node;
  if (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isPropertyDeclaration(parent)) {
    return parent.name !== node;
  }
  if (ts.isMethodDeclaration(parent) || ts.isMethodSignature(parent)) return parent.name !== node;
  return true;
}

function isCalled(node: ts.Identifier): boolean {
  const { parent } = node;
  const called = ts.isPropertyAccessExpression(parent) ? parent : node;
  const call = called.parent;
  return (ts.isCallExpression(call) || ts.isNewExpression(call)) && call.expression === called;
}
