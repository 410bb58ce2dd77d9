/** A fenced block of TypeScript in a Markdown text. */
export interface Snippet {
  /** The heading that it stands under, and its number there. */
  readonly title: string;
  /** The line of the text that it begins at. */
  readonly line: number;
  readonly code: string;
  /**
   * What the comment right before it says: `setup`, its code goes before that of all later ones; `sketch`, it has names that
   * are the reader's, and is not run.
   */
  readonly kind: 'setup' | 'sketch' | 'plain';
}

/** The blocks of TypeScript in a Markdown text, in order. */
export function snippetsIn(markdown: string): Snippet[] {
  const snippets: Snippet[] = [];
  const lines = markdown.split('\n');
  let heading = '';
  let count = 0;
  let mark = '';
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const comment = /^\s*<!-- (.+) -->$/.exec(line);
    if (line.startsWith('#')) {
      heading = line.replace(/^#+ /, '');
      count = 0;
    }
    if (comment !== null) mark = comment[1]!;
    else if (/^\s*```ts$/.test(line)) {
      const first = i + 1;
      while (!/^\s*```$/.test(lines[++i]!));
      const kind = mark === 'setup' || mark === 'sketch' ? mark : 'plain';
      const title = `${heading} ${++count}`;
      snippets.push({ title, line: first, code: lines.slice(first, i).join('\n'), kind });
      mark = '';
    } else if (line.trim() !== '') mark = '';
  }
  return snippets;
}

/** A module of `setup` and then `snippet`, which may declare the same names once more. */
export function moduleOf(setup: string, snippet: string): string {
  const names = new Map<string, Set<string>>();
  const body = (code: string): string =>
    code.replace(/^import \{([^}]*)\} from '([^']+)';\n?/gm, (_, list: string, from: string) => {
      const known = names.get(from) ?? new Set();
      names.set(from, known);
      for (const name of list.split(',')) if (name.trim() !== '') known.add(name.trim());
      return '';
    });
  const [before, after] = [body(setup), body(snippet)];
  const imports = Array.from(names, ([from, list]) => `import { ${[...list].join(', ')} } from '${from}';`);
  return `${imports.join('\n')}\n${before}\n{\n${after}\n}\nexport {};\n`;
}

/** What a snippet says that it prints: the comments behind, or right below, its lines with `console.log`, and those that begin with an arrow. */
export function promisedOutput(code: string): string[] {
  const promised: string[] = [];
  let isOpen = false;
  for (const line of code.split('\n')) {
    const printed = /^\s*console\.log\(.*\);(?:\s*\/\/ (.*))?$/.exec(line);
    const comment = /^\s*\/\/ (.*)$/.exec(line)?.[1];
    const isOutput = comment?.startsWith('→ ') === true;
    if (printed !== null) promised.push(printed[1] ?? '');
    else if (isOutput) promised.push(comment.slice(2));
    else if (comment !== undefined && isOpen) promised[promised.length - 1] += comment;
    isOpen = printed !== null || isOutput || (isOpen && comment !== undefined);
  }
  return promised.map((text) => text.replaceAll(/\s/g, ''));
}
