import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { quoteWord, type ShellScript, sh } from '../../src/core/shell.ts';
import { remoteFile } from '../../src/facts/files/remote-file.ts';
import { placeFunctions } from '../../src/steps/placing/place-functions.ts';
import { prelude } from '../../src/transport/shell/prelude.ts';
import { describeInShells, type TestShell } from '../facts/support/shells.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';

/** A user without any rights; only root can become him. */
const USER = 65_534;
const UNTOUCHABLE = describedHost().untouchable;
const isRoot = process.getuid?.() === 0;
const OLD = "the user's own";

/** Real directories: one of root's with what must stay as it is, and the home of a user who owns all of it. */
function machine() {
  const base = mkdtempSync(join(tmpdir(), 'kplay-hostile-'));
  // What an attacker has started may outlive it for a moment.
  onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 10 }));
  chmodSync(base, 0o755);
  const etc = join(base, 'etc');
  const kube = join(base, 'home/.kube');
  mkdirSync(join(etc, '.kube'), { recursive: true });
  writeFileSync(join(etc, 'shadow'), 'secret', { mode: 0o600 });
  mkdirSync(kube, { recursive: true });
  writeFileSync(join(kube, 'config'), OLD, { mode: 0o600 });
  writeFileSync(join(base, 'new'), 'new', { mode: 0o600 });
  for (const path of [join(base, 'home'), kube, join(kube, 'config')]) chownSync(path, USER, USER);
  return { base, etc, kube, config: join(kube, 'config'), staged: join(base, 'new') };
}

type Machine = ReturnType<typeof machine>;

/** Root's directory: names, contents, owners, modes. */
function stateOf({ etc }: Machine): unknown {
  return readdirSync(etc, { recursive: true })
    .map(String)
    .sort()
    .map((name) => {
      const { mode, uid, gid } = lstatSync(join(etc, name));
      return [name, mode, uid, gid, statSync(join(etc, name)).isFile() && readFileSync(join(etc, name), 'utf8')];
    });
}

function run(script: ShellScript, { command: [program, ...parameters], path }: TestShell) {
  const input = `${prelude('')}(eval ${quoteWord(script.reveal())}) 2>&3\n`;
  return spawnSync(program, parameters, { input, encoding: 'utf8', env: { PATH: path } });
}

const placeIn = ({ staged, config }: Machine): ShellScript => sh`set -eu
${placeFunctions(UNTOUCHABLE)}
place ${staged} ${config} 0600 ${USER} ${USER} -
`;

const ownDigest = createHash('sha256').update(OLD).digest('hex');

/** As the kubeconfig of a user is composed: what is there goes into the new file. */
const composeIn = ({ config }: Machine): ShellScript => sh`set -eu
${placeFunctions(UNTOUCHABLE)}
hold ${config} ${ownDigest} ${USER}
cat ./.kplay-held >./config
rm -f ./.kplay-held
dress 0600 ${USER} ${USER} - ./config
put_in_place ./config
`;

/** What a user may have planted before anybody comes. */
const TRAPS: readonly [what: string, plant: (machine: Machine) => void][] = [
  ['a link in place of the copy', ({ kube, etc }) => symlinkSync(join(etc, 'shadow'), join(kube, '.kplay-new'))],
  ['a link to a directory in its place', ({ kube, etc }) => symlinkSync(etc, join(kube, '.kplay-new'))],
  [
    'a directory with links in it',
    ({ kube, etc }) => {
      mkdirSync(join(kube, '.kplay-new'));
      symlinkSync(join(etc, 'shadow'), join(kube, '.kplay-new/config'));
      chownSync(join(kube, '.kplay-new'), USER, USER);
    },
  ],
  [
    'a link to a file in place of the file',
    ({ kube, etc }) => {
      rmSync(join(kube, 'config'));
      symlinkSync(join(etc, 'shadow'), join(kube, 'config'));
    },
  ],
  [
    'a link to a directory in place of the file',
    ({ kube, etc }) => {
      rmSync(join(kube, 'config'));
      symlinkSync(etc, join(kube, 'config'));
    },
  ],
  [
    'a link in place of the directory',
    ({ base, kube, etc }) => {
      rmSync(kube, { recursive: true });
      symlinkSync(join(etc, '.kube'), join(base, 'home/.kube'));
    },
  ],
];

/** What a user does who waits for root to come: as fast as he can, all that the traps above are. */
const ATTACK = `
while :; do
  ln -s "$ETC" .kplay-new; ln -sfn "$ETC/shadow" .kplay-new-config; rm -f .kplay-new
  mv .kplay-new mine; ln -s "$ETC" .kplay-new; rm -f .kplay-new; mkdir .kplay-new; ln -s "$ETC/shadow" .kplay-new/config
  mv .kplay-new other; rm -rf mine other
  ln -sfn "$ETC/shadow" link; mv -f link config; ln -sfn "$ETC" link; mv -f link config; echo "the user's own" >own; mv -f own config
  cd ..; mv .kube .real; ln -s "$ETC/.kube" .kube; rm -f .kube; mv .real .kube; cd .kube
done 2>/dev/null`;

/** Now it is his own file, now a link to one of root's. */
const EXCHANGE = `
while :; do
  ln -sfn "$ETC/shadow" link; mv -f link config
  echo "the user's own" >own; mv -f own config
done 2>/dev/null`;

async function underAttack({ etc, kube }: Machine, work: () => void, attack = ATTACK): Promise<void> {
  const attackers = [1, 2].map(() =>
    spawn('sh', ['-c', attack], {
      cwd: kube,
      env: { ETC: etc, PATH: '/usr/bin:/bin' },
      uid: USER,
      gid: USER,
      stdio: 'ignore',
    }),
  );
  try {
    work();
  } finally {
    for (const attacker of attackers) attacker.kill('SIGKILL');
    await Promise.all(attackers.map((attacker) => new Promise((resolve) => attacker.once('close', resolve))));
  }
}

describeInShells(
  'in $name, root, who writes in the home of a hostile user (needs root),',
  (shell) => {
    test.each(TRAPS)('changes nothing of root’s through %s', (_what, plant) => {
      for (const script of [placeIn, composeIn]) {
        const host = machine();
        plant(host);
        const before = stateOf(host);
        run(script(host), shell);
        expect(stateOf(host)).toEqual(before);
      }
    });

    test('says what is in the way, and leaves nothing beside it', () => {
      const host = machine();
      TRAPS[2]?.[1](host);
      expect(run(placeIn(host), shell)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('belongs to another user'),
      });
      expect(readFileSync(host.config, 'utf8')).toBe(OLD);
      const other = machine();
      TRAPS[5]?.[1](other);
      expect(run(placeIn(other), shell)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('is not followed'),
      });
    });

    test('replaces the file of the user, who gets it as his own', () => {
      const host = machine();
      expect(run(placeIn(host), shell)).toMatchObject({ status: 0, stderr: '' });
      expect([readFileSync(host.config, 'utf8'), statSync(host.config).uid]).toEqual(['new', USER]);
      expect(readdirSync(host.kube)).toEqual(['config']);
    });

    test('changes nothing of root’s, and gives nothing of it away, while he exchanges all that he can', async () => {
      const host = machine();
      const before = stateOf(host);
      let placed = 0;
      await underAttack(host, () => {
        for (let round = 0; round < 60; round += 1)
          for (const script of [placeIn, composeIn]) if (run(script(host), shell).status === 0) placed += 1;
      });
      expect(stateOf(host)).toEqual(before);
      const found = readdirSync(join(host.base, 'home'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
      expect(found.filter((text) => text.includes('secret'))).toEqual([]);
      // He hinders, and does not always win: the scripts were not simply refused.
      expect(placed).toBeGreaterThan(0);
    });

    test('sees nothing of root’s in a file that he exchanges while it is looked at', async () => {
      const host = machine();
      const look = sh`for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do (${remoteFile(host.config).probe().script ?? sh`:`}); done`;
      const seen: string[] = [];
      // He hinders, and does not always win: it is looked until his own file was seen too.
      const lookOften = (): void => {
        for (let round = 0; round < 10 || (round < 200 && !seen.some((text) => text.includes(OLD))); round += 1)
          seen.push(run(look, shell).stdout);
      };
      await underAttack(host, lookOften, EXCHANGE);
      expect(seen.filter((text) => text.includes('secret'))).toEqual([]);
      expect(seen.join('')).toContain(OLD);
    });
  },
  isRoot,
);
