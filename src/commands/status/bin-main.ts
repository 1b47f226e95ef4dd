import { showTold } from './told.ts';

const told = await showTold(process.argv.slice(2));
if (told !== 'shown') await (await import('./bin-whole.ts')).runWholeProgram(told.early);
