import { dirname } from 'node:path';
import type { Playbook } from '../../playbook/model.ts';
import { loadNamed } from '../inputs/playbook-files.ts';
import type { PlaybookOptions } from '../options/options.ts';
import type { PlaybookRun } from './playbook-run.ts';
import { playbookWork } from './work.ts';

/** Of commands that carry out a playbook. */
interface HandlerOptions {
  readonly forceHandlers?: boolean;
}

/** The inputs of a command that reads a playbook of the user. @param path as `playbookPath` returns it */
export function playbookInputs(path: string, options: PlaybookOptions & HandlerOptions): PlaybookRun['inputs'] {
  return {
    beside: dirname(path),
    playbook: (problems) => withHandlers(loadNamed(path, problems), options),
    work: playbookWork(path, options),
  };
}

/** `--force-handlers` applies to plays that do not set it themselves, as in Ansible. */
function withHandlers(playbook: Playbook | undefined, { forceHandlers }: HandlerOptions): Playbook | undefined {
  if (!playbook || !forceHandlers) return playbook;
  const plays = playbook.plays.map((play) => ({
    ...play,
    forceHandlers: play.forceHandlers ?? { value: true, range: play.range },
  }));
  return { ...playbook, plays };
}
