import { type Command, InvalidArgumentError, type Option } from 'commander';

/** Why an option cannot have a value, in a clause that says what to write; undefined if it can. */
export function whyWrong(option: Option, value: string): string | undefined {
  try {
    option.parseArg?.(value, option.defaultValue as string);
    return undefined;
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    return hintOf(error, option);
  }
}

function hintOf({ message }: InvalidArgumentError, { argChoices }: Option): string {
  if (argChoices)
    return argChoices.length === 1 ? `kplay only supports ${argChoices[0]}` : `choose one of: ${argChoices.join(', ')}`;
  const text = message.replace(/\.$/, '');
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/**
 * Lets the parser go on after a wrong value of an option, so that a command line's wrong values are all told at once, together with what
 * else is wrong with it.
 * @returns the messages so far, except for the one that the parser ends with.
 */
export function collectWrongValues(command: Command): readonly string[] {
  const messages: string[] = [];
  for (const option of command.options) {
    const { parseArg } = option;
    if (parseArg === undefined) continue;
    option.argParser((value, previous: unknown) => {
      try {
        return parseArg(value, previous as never);
      } catch (error) {
        if (!(error instanceof InvalidArgumentError)) throw error;
        messages.push(`error: option '${option.flags}' argument '${value}' is invalid. ${error.message}`);
        return previous;
      }
    });
  }
  const { outputError = (text, write) => write(text) } = command.configureOutput();
  command.configureOutput({
    outputError(text, write) {
      for (const message of messages) outputError(`${message}\n`, write);
      outputError(text, write);
    },
  });
  command.hook('preAction', () => {
    const last = messages.pop();
    if (last !== undefined) command.error(last);
  });
  return messages;
}
