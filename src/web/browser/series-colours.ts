/** Lines of up to eight orders, to be told apart by everybody: by colour, and by dashes. */

export const seriesMax = 8;

export const lightSeries: readonly string[] = [
	...['#0072b2', '#b04a00', '#00795a', '#9a3d7c'],
	...['#6b5b00', '#4b4fa8', '#8c2d19', '#3d4650'],
];

export const darkSeries: readonly string[] = [
	...['#56b4e9', '#f0a35e', '#3fcf9f', '#dd91c2'],
	...['#e5d84a', '#a5a8f0', '#e58b76', '#c3cad1'],
];

/** Lengths of dashes and gaps, pixels. */
export const seriesDashes: readonly (readonly number[])[] = [
	[],
	[8, 3],
	[2, 2],
	[8, 3, 2, 3],
	[14, 4],
	[4, 4],
	[14, 3, 2, 3, 2, 3],
	[1, 3],
];
