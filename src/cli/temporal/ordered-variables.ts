import { Problems } from '../../core/diagnostic.ts';
import { rangeOfArgument } from '../../core/source.ts';
import { readExtraVars } from '../inputs/extra-vars.ts';
import { looksSecret } from '../inputs/secret-variables.ts';

/** Variables of connections: with these a worker could be made to run any program or to connect to other hosts. */
const CONNECTION_NAMES = /^ansible_|^kplay_(rootfs|jump_private_key_file)$/;

/**
 * Adds to `problems` each `-e` that may not be passed to workers. Checked where the rollout is requested, and again by workers, because
 * anybody who can start workflows in the namespace could send one.
 */
export function checkOrderedVariables(extraVars: readonly string[], problems: Problems): void {
  for (const text of extraVars) {
    const place = rangeOfArgument('-e', text);
    if (text.startsWith('@'))
      problems.error(
        'a variables file stays on this machine',
        place,
        'pass its variables with -e, or put them where the workers read them',
      );
    else if (looksSecret(text))
      problems.error(
        'this looks like a secret, and would be stored on the Temporal server',
        place,
        'put it into the inventory of the workers',
      );
    // What is wrong with it as it is written is said by whoever reads it.
    else
      for (const name of readExtraVars([text], new Problems()).vars.keys())
        if (CONNECTION_NAMES.test(name))
          problems.error(
            `${name} is a connection setting, which is up to the workers`,
            place,
            'put it into the inventory of the workers',
          );
  }
}
