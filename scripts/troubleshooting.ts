import { PROBLEM_GROUPS } from '../src/core/problems/catalogue.ts';

const BEGIN = '<!-- What follows is made by `npm run docs`. -->\n';

/**
 * docs/troubleshooting.md with an entry for every refusal and failure that there is, under its code; what stands before them is
 * kept as it is.
 */
export function troubleshootingPage(current: string): string {
  const at = current.indexOf(BEGIN);
  if (at < 0) throw new Error(`docs/troubleshooting.md has no line ${BEGIN}`);
  const groups = PROBLEM_GROUPS.map(({ title, problems }) => {
    const entries = Object.entries(problems).map(([code, { title: what, why, remedy }]) => {
      return `\n### ${code}\n\n**${what.charAt(0).toUpperCase()}${what.slice(1)}.** ${why}\n\n${remedy}\n`;
    });
    return `\n## ${title}\n${entries.join('')}`;
  });
  return current.slice(0, at) + BEGIN + groups.join('');
}
