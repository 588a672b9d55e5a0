import { describe, expect, it } from 'vitest';
import { type FactRef, factRef } from '../../src/core/fact.ts';
import type { DialOutcome, ProbeOutput } from '../../src/core/probe.ts';
import type { ReadSession } from '../../src/core/session.ts';
import { sh } from '../../src/core/shell.ts';
import { StepFailure } from '../../src/core/step.ts';
import { observeFacts } from '../../src/engine/hosts/observe.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import { processes } from '../../src/facts/processes/processes.ts';

function answering(...said: readonly Partial<ProbeOutput>[]): ReadSession {
  const coming = [...said];
  return {
    host: 'h',
    observe: async (probes) =>
      probes.map(() => ({
        stdout: '',
        stderr: '',
        exitCode: 0,
        truncated: false,
        dials: [] as readonly DialOutcome[],
        ...coming.shift(),
      })),
    close: async () => undefined,
  };
}

/** A fact whose value tells how often an answer was parsed until then. */
function counting(): FactRef<string> {
  let parsed = 0;
  return factRef(
    {
      name: 'counting',
      summary: 'what was said, and how often it had to be parsed',
      probe: () => ({ script: sh`say` }),
      parse({ stdout }) {
        parsed += 1;
        return `${stdout} ${parsed}`;
      },
    },
    {},
  );
}

async function seen(ref: FactRef<string>, session: ReadSession, times: number): Promise<readonly string[]> {
  const values: string[] = [];
  for (let turn = 0; turn < times; turn += 1) values.push((await observeFacts(session, [ref])).get(ref));
  return values;
}

describe('what a host says', () => {
  it('is parsed again only when it is something else', async () => {
    const session = answering({ stdout: 'a' }, { stdout: 'a' }, { stdout: 'b' }, { stdout: 'a' });
    expect(await seen(counting(), session, 4)).toEqual(['a 1', 'a 1', 'b 2', 'a 3']);
  });

  it.each<[string, Partial<ProbeOutput>]>([
    ['its error output', { stderr: 'x' }],
    ['its exit status', { exitCode: 1 }],
  ])('is something else when only %s is', async (_what, other) => {
    expect(await seen(counting(), answering({ stdout: 'a' }, { stdout: 'a', ...other }), 2)).toEqual(['a 1', 'a 2']);
  });

  it('is not taken for what another host said', async () => {
    const ref = counting();
    expect(await seen(ref, answering({ stdout: 'a' }), 1)).toEqual(['a 1']);
    expect(await seen(ref, answering({ stdout: 'a' }), 1)).toEqual(['a 2']);
  });

  it('is parsed each time when ports were asked as well', async () => {
    const dials: readonly DialOutcome[] = [{ kind: 'open' }];
    expect(await seen(counting(), answering({ dials }, { dials }), 2)).toEqual([' 1', ' 2']);
  });

  it('is refused when only its beginning was read: what is missing could be taken for what is not there', async () => {
    const looking = observeFacts(answering({ stdout: 'a', truncated: true }), [counting()]);
    await expect(looking).rejects.toThrow(StepFailure);
    await expect(looking).rejects.toThrow(
      'counting: the answer of the host is longer than 1 MiB, and was not read completely',
    );
    await expect(looking).rejects.toMatchObject({ remedy: 'look on the host for what there is unusually much of' });
  });

  it.each([
    ['processes', processes, /command lines/],
    ['kubernetes_files', kubernetesFiles, /\/etc\/kubernetes/],
  ])('is refused with what makes that of %s too long', async (_name, ref, remedy) => {
    const looking = observeFacts(answering({ stdout: 'a', truncated: true }), [ref]);
    await expect(looking).rejects.toMatchObject({ remedy: expect.stringMatching(remedy) });
  });
});
