import type { ControlAnswer } from './control-messages.ts';
import type { Kubelet } from './kubelet.ts';

/** What `systemctl` does and says on an embedded host, whose only unit is kubelet. */
export async function systemctl(kubelet: Kubelet, words: readonly string[]): Promise<ControlAnswer> {
  const [verb = '', ...units] = words.filter((word) => !word.startsWith('-'));
  const unit = units[0]?.replace(/\.service$/, '') ?? '';
  if (verb === 'show') return say(properties(kubelet, unit, words));
  if (unit !== 'kubelet') return { exitCode: 5, stdout: '', stderr: `Unit ${unit}.service could not be found.\n` };
  if (kubelet.isLimited && ['start', 'restart'].includes(verb)) return LIMITED;
  switch (verb) {
    case 'start':
      await kubelet.start();
      return say('');
    case 'stop':
      await kubelet.stop();
      return say('');
    // A kubelet that exits right after its start has been restarted all the same: systemd only sees it go later.
    case 'restart':
      await kubelet.restart();
      return say('');
    case 'is-active':
      return { ...say(kubelet.isRunning ? 'active\n' : 'activating\n'), exitCode: kubelet.isRunning ? 0 : 3 };
    case 'is-enabled':
      return say('enabled\n');
    case 'reset-failed':
      kubelet.forgetStarts();
      return say('');
    case 'daemon-reload':
    case 'enable':
      return say('');
    default:
      return { exitCode: 1, stdout: '', stderr: `the simulated systemctl does not know '${verb}'\n` };
  }
}

/** As systemd 252 says it; the reason stands in the journal: Start request repeated too quickly. */
const LIMITED: ControlAnswer = {
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
  const asked = words
    .find((word) => word.startsWith('--property='))
    ?.slice('--property='.length)
    .split(',');
  return (asked ?? Object.keys(values)).map((name) => `${name}=${values[name] ?? ''}\n`).join('');
}

function say(stdout: string): ControlAnswer {
  return { exitCode: 0, stdout, stderr: '' };
}
