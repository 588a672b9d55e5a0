import { expect, test } from 'vitest';
import { commandsToTry } from '../../src/cli/commands/demo-keep.ts';

const ABOVE = [
  '  # does it and proves it, and writes a page about it',
  '  kplay run renew-certs.yml -i inventory.yml --report html=renewal.html',
];

test('the commands to try stand below what they show where there is no room beside it', () => {
  expect(commandsToTry(80).every((line) => line.length <= 80)).toBe(true);
  expect(commandsToTry(80).join('\n')).toContain(ABOVE.join('\n'));
});

test('the commands to try have what they show beside them on a wide terminal, and in a file', () => {
  expect(commandsToTry(Number.POSITIVE_INFINITY)[0]).toMatch(
    /^ {2}kplay doctor -i inventory\.yml +# nothing prevents a run$/,
  );
});
