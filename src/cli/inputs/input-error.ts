import { InputError, type Problems } from '../../core/diagnostic.ts';
import type { SecretMask } from '../../core/secret.ts';
import type { Inputs } from './inputs.ts';
import { addWrittenSecrets } from './secret-variables.ts';

/** The error of inputs in which something is wrong. What templates give may stand in its messages: secrets are taken out of them. */
export function inputError(
  { all }: Problems,
  inputs: Pick<Inputs, 'plays' | 'surroundings'> | undefined,
  mask: SecretMask,
): InputError {
  if (inputs) addWrittenSecrets(inputs, mask);
  return new InputError(
    all.map((one) => ({
      ...one,
      message: mask.apply(one.message),
      ...(one.hint !== undefined && { hint: mask.apply(one.hint) }),
    })),
  );
}
