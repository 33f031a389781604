/**
 * `npm run test:thorough`: every fault at every place, every refusal and recovery, every collector beside the refused one, and a thousand
 * schedules of faults for each tracker, where `npm test` takes one of each kind. The same tests, several times as long.
 */
export const thorough = process.env['NOCTULE_THOROUGH'] === '1';
