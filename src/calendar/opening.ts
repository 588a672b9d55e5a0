/** `[start, end)`, in milliseconds since the epoch; the ends may be infinite. */
export interface Opening {
  readonly start: number;
  readonly end: number;
  /** The search ended there: it may last longer. */
  readonly isCut?: true;
}
