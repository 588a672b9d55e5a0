/**
 * The only line of a text, without what ends it; undefined if there are more. Whoever is given a password reads one line of it, and a shell
 * that sudo starts would run the others as commands.
 */
export function onlyLine(text: string): string | undefined {
  const [first = '', ...others] = text.split(/[\r\n]/);
  return others.every((line) => line === '') ? first : undefined;
}
