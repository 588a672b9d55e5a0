import { kubeadm } from './kubeadm.ts';
import { kubectl } from './kubectl.ts';
import type { Program, ProgramCall, ProgramResult } from './program.ts';

const PROGRAMS = {
  kubeadm,
  kubectl,
  systemctl: ({ host, words }) => host.systemctl(words),
} satisfies Readonly<Record<string, Program>>;

/** The stand-in programs of a host that behave like the real ones. */
export type ProgramName = keyof typeof PROGRAMS;

/** Calls a program of an embedded host. */
export function runProgram(name: ProgramName, call: ProgramCall): Promise<ProgramResult> {
  return PROGRAMS[name](call);
}
