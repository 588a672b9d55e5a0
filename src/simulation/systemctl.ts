import type { Kubelet } from './kubelet.ts';
import type { ProgramResult } from './programs/program.ts';

/** The behaviour and output of `systemctl` on an embedded host, whose only unit is kubelet. */
export async function systemctl(kubelet: Kubelet, words: readonly string[]): Promise<ProgramResult> {
  const [verb = '', ...units] = words.filter((word) => !word.startsWith('-'));
  const unit = units[0]?.replace(/\.service$/, '') ?? '';
  if (verb === 'show') return output(properties(kubelet, unit, words));
  if (unit !== 'kubelet') return { exitCode: 5, stdout: '', stderr: `Unit ${unit}.service could not be found.\n` };
  if (kubelet.isLimited && ['start', 'restart'].includes(verb)) return LIMITED;
  switch (verb) {
    case 'start':
      await kubelet.start();
      return output('');
    case 'stop':
      await kubelet.stop();
      return output('');
    // Restarting a kubelet that exits right afterwards still succeeds: systemd notices the exit later.
    case 'restart':
      await kubelet.restart();
      return output('');
    case 'is-active':
      return { ...output(kubelet.isRunning ? 'active\n' : 'activating\n'), exitCode: kubelet.isRunning ? 0 : 3 };
    case 'is-enabled':
      return output('enabled\n');
    case 'reset-failed':
      kubelet.forgetStarts();
      return output('');
    case 'daemon-reload':
    case 'enable':
      return output('');
    default:
      return { exitCode: 1, stdout: '', stderr: `the simulated systemctl does not know '${verb}'\n` };
  }
}

/** The message of systemd 252; the journal has the reason: Start request repeated too quickly. */
const LIMITED: ProgramResult = {
  exitCode: 1,
  stdout: '',
  stderr:
    'Job for kubelet.service failed.\nSee "systemctl status kubelet.service" and "journalctl -xeu kubelet.service" for details.\n',
};

function properties(kubelet: Kubelet, unit: string, words: readonly string[]): string {
  const isKnown = unit === 'kubelet';
  const values: Readonly<Record<string, string>> = {
    LoadState: isKnown ? 'loaded' : 'not-found',
    ActiveState: !isKnown ? 'inactive' : kubelet.isRunning ? 'active' : kubelet.isLimited ? 'failed' : 'activating',
    SubState: !isKnown ? 'dead' : kubelet.isRunning ? 'running' : kubelet.isLimited ? 'failed' : 'auto-restart',
    Result: kubelet.isLimited ? 'start-limit-hit' : 'success',
    UnitFileState: isKnown ? 'enabled' : '',
  };
  const requested = words
    .find((word) => word.startsWith('--property='))
    ?.slice('--property='.length)
    .split(',');
  return (requested ?? Object.keys(values)).map((name) => `${name}=${values[name] ?? ''}\n`).join('');
}

function output(stdout: string): ProgramResult {
  return { exitCode: 0, stdout, stderr: '' };
}
