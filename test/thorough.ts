/**
 * `npm run test:thorough`: every fault at every place, and every recovery, where `npm test` takes one of each kind. The same tests,
 * three times as long.
 */
export const thorough = process.env['NOCTULE_THOROUGH'] === '1';
