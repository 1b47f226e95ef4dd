/** What main.rrd keeps. `short`: 40 days; `norrd`: there is none, last_result only. */
export const rrdTemplates = ['smokeping', 'short', 'norrd'] as const;

export type RrdTemplate = (typeof rrdTemplates)[number];
