/** How ids look that runs, their backups and saved plans are given: `20261124T151244Z-3f9c`. */
export const NEW_RUN_ID = String.raw`\d{8}T\d{6}Z-[0-9a-f]{4}`;

/** How ids of runs look: with a number at the end if a saved plan was applied more than once, or a run was resumed. */
export const RUN_ID = String.raw`${NEW_RUN_ID}(\.\d+)?`;
