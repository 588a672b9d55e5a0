/** A reader that has exited (`| head`) is no error. */
const READER_GONE: readonly unknown[] = ['EPIPE', 'EIO'];

/**
 * Keeps a failing output stream from ending the run half-way: output is dropped and the run continues.
 * @returns a getter for the first error of the stream, other than that its reader has exited.
 */
export function surviveOutputErrors(stream: NodeJS.WriteStream): () => NodeJS.ErrnoException | undefined {
  let first: NodeJS.ErrnoException | undefined;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!READER_GONE.includes(error.code)) first ??= error;
  });
  return () => first;
}
