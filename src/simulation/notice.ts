/** Stands wherever an embedded host is shown: nobody may take one for a real host. */
export const SIMULATION_NOTICE =
  'SIMULATION: these hosts live inside this process. Their certificates, files and ports are real, their Kubernetes is not.';
