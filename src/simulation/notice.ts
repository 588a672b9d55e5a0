/** Stands wherever an embedded host is shown: nobody may take one for a real host. */
export const SIMULATION_NOTICE =
  'SIMULATION: these hosts live inside this process. Their certificates, files and ports are real, their Kubernetes is not.';

/** Stands where somebody may run a playbook of their own on embedded hosts: what a shell does is not kept below a host's root. */
export const COMMANDS_NOTICE =
  'WARNING: what a playbook of your own runs there by command or shell is run on this machine, by you: hostname, reboot and rm are real.';
