/** The server has uPlot's module beside ours. */
// biome-ignore lint/style/noRestrictedImports: this is where it is made one of ours
export { default } from 'uplot';
