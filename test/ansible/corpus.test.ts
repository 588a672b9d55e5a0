import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { differences } from './differences.ts';
import { differencesBetween } from './story.ts';
import { hasAnsible, isKnownTo, playAllWithAnsible, storyWithAnsible } from './with-ansible.ts';
import { playWithKplay } from './with-kplay.ts';

const CORPUS = join(import.meta.dirname, 'corpus');
const FILES = readdirSync(CORPUS).filter((file) => file.endsWith('.yml'));
const ALL = FILES.map((file) => basename(file, '.yml')).toSorted();
/** KPLAY_CORPUS='^loop' runs those alone whose names it fits. */
const WANTED = new RegExp(process.env['KPLAY_CORPUS'] ?? '');
const TRIED = ALL.filter((name) => WANTED.test(name));
/** Those of which the first line says that an older ansible-core does not take them. */
const TOO_NEW = TRIED.filter((name) => !isKnownTo(readFileSync(join(CORPUS, `${name}.yml`), 'utf8')));
const NAMES = TRIED.filter((name) => !TOO_NEW.includes(name));

const required = process.env['KPLAY_REQUIRE_ORACLES'] === '1';
test.runIf(required)('ansible-core is installed, because KPLAY_REQUIRE_ORACLES=1 asks for it', () => {
  expect(hasAnsible, 'install it: apt-get install ansible-core').toBe(true);
});
if (!hasAnsible) process.stderr.write('the corpus is skipped: ansible-playbook is not installed\n');

test('what differs on purpose is in the corpus', () => {
  expect([...differences.keys()].filter((name) => !ALL.includes(name))).toEqual([]);
});

describe.skipIf(!hasAnsible)('a playbook of the corpus comes to what it comes to with Ansible:', () => {
  let directory: string;
  let agree = 0;
  let differ = 0;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'kplay-corpus-'));
    for (const place of ['ansible', 'kplay']) mkdirSync(join(directory, place));
    const paths = NAMES.map((name) => join(CORPUS, `${name}.yml`));
    playAllWithAnsible(join(directory, 'ansible'), paths);
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
    if (TOO_NEW.length > 0) process.stdout.write(`left out, for this ansible-core is too old: ${TOO_NEW.join(', ')}\n`);
    process.stdout.write(
      `${agree} of ${NAMES.length} playbooks agree with Ansible, ${differ} differ on purpose (test/ansible/differences.ts)\n`,
    );
  });

  test.each(NAMES)('%s', async (name) => {
    const then = storyWithAnsible(join(directory, 'ansible'), name);
    const now = await playWithKplay(join(directory, 'kplay', name), join(CORPUS, `${name}.yml`));
    const found = differencesBetween(then, now);
    const reason = differences.get(name);
    if (reason === undefined) expect(found).toEqual([]);
    else expect(found, `it agrees, and is listed as different: ${reason}`).not.toEqual([]);
    if (reason === undefined) agree += 1;
    else differ += 1;
  });
});
