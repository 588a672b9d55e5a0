import { describe, expect, it } from 'vitest';
import { comparable, linesOf, terminalPicture, withoutRepetition } from '../../scripts/terminal-picture.ts';

const SHOWN = '\u001b[1m$ kplay check <&>\u001b[22m\n\n  \u001b[31mexpired\u001b[39m \u001b[2mago\u001b[22m done\n';

describe('the picture of a terminal', () => {
  it('shows the lines with their colours, and markup as text', () => {
    const picture = terminalPicture(SHOWN, 'a & b');
    expect(picture).toContain('<title>a &amp; b</title>');
    expect(picture).toContain('<tspan class="bold">$ kplay check &lt;&amp;&gt;</tspan>');
    expect(picture).toContain('  <tspan class="red">expired</tspan> <tspan class="dim">ago</tspan> done</text>');
    expect(linesOf(picture)).toEqual(['$ kplay check <&>', '  expired ago done']);
  });

  it('has of a long table the first rows alone', () => {
    const rows = Array.from({ length: 9 }, (_, index) => `demo-m1  etcd-${index}  2026-11-24 12:00  good`);
    const shown = withoutRepetition(['HOST', ...rows, 'CAs: ca']);
    expect(shown).toHaveLength(8);
    expect(linesOf(terminalPicture(shown.join('\n'), '')).at(6)).toBe('… 4 more rows');
  });

  it('is compared without what differs from run to run', () => {
    const one = ['b 38.2s', 'backup 20261124T151244Z-3f9c', 'expires 2026-11-24  12:00'];
    const other = ['expires 2027-01-01 1:00', 'b 1s', 'backup 20270101T000000Z-0000'];
    expect(comparable(one)).toEqual(comparable(other));
    expect(comparable(['renewed'])).not.toEqual(comparable(['failed']));
  });
});
