import { showTold } from './told.ts';

const told = await showTold(process.argv.slice(3));
if (told !== 'shown') await (await import('./whole.ts')).runWhole(told.early);
