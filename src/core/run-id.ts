/** How ids of runs look: `20261124T151244Z-3f9c`; with a number at the end if a saved plan was applied more than once. */
export const RUN_ID = String.raw`\d{8}T\d{6}Z-[0-9a-f]{4}(\.\d+)?`;
