/** Shown with every embedded host, so that nobody takes it for a real one. */
export const SIMULATION_NOTICE =
  'SIMULATION: these hosts live inside this process. Their certificates, files and ports are real, their Kubernetes is not.';

/** Shown where users may run their own playbooks on embedded hosts: a shell is not confined to the host's root. */
export const COMMANDS_NOTICE =
  'WARNING: what a playbook of your own runs there by command or shell is run on this machine, by you: hostname, reboot and rm are real.';
