/** The code of the fenced block that follows `<!-- example: name -->` in a Markdown text. */
export function exampleIn(markdown: string, name: string): string {
  const [, after] = markdown.split(`<!-- example: ${name} -->`);
  const block = after === undefined ? null : /^\s*```\w*\r?\n([\s\S]*?)^```/m.exec(after);
  if (block === null || after!.slice(0, block.index).trim() !== '') {
    throw new Error(`no code follows <!-- example: ${name} -->`);
  }
  return block[1]!;
}
