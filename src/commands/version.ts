/** A file of its own: to know it, the package is looked for, and few commands have to. */
export { VERSION } from '../connector/version.ts';
