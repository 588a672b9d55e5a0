/** How the key of a host is verified. */
export type HostKeyMode =
  /** Only hosts with a known key are accepted. */
  | 'strict'
  /** The key of an unknown host is accepted and stored. */
  | 'accept-new'
  /** Any key is accepted: any machine that answers is taken for the host. */
  | 'no';

/** As in OpenSSH: not what Ansible takes for a boolean. */
export function yesOrNo(value: string): boolean | undefined {
  switch (value.toLowerCase()) {
    case 'yes':
    case 'true':
      return true;
    case 'no':
    case 'false':
      return false;
    default:
      return undefined;
  }
}

/** A value of StrictHostKeyChecking. */
export function hostKeyMode(value: string): HostKeyMode | undefined {
  switch (value.toLowerCase()) {
    case 'yes':
    case 'true':
    case 'ask':
      return 'strict';
    case 'accept-new':
      return 'accept-new';
    case 'no':
    case 'false':
    case 'off':
      return 'no';
    default:
      return undefined;
  }
}

const SECONDS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };
const LARGEST = 2_147_483_647;

/** Seconds of a time of OpenSSH, such as `90`, `1m30` or `2H` (sshd_config(5), TIME FORMATS); undefined if it is none. */
export function secondsOf(text: string): number | undefined {
  if (!/^(\d+[smhdw]?)+$/i.test(text)) return undefined;
  let total = 0;
  for (const [, count, unit = ''] of text.matchAll(/(\d+)([smhdw]?)/gi))
    total += Number(count) * (SECONDS[unit.toLowerCase()] ?? 1);
  return total <= LARGEST ? total : undefined;
}
