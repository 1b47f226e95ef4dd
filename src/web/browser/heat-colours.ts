/** Colours of up to three orders in one heatmap: where they lie over each other, both are seen. */

type Rgb = readonly [number, number, number];

export interface HeatPalette {
	/** What is behind. */
	readonly page: Rgb;
	readonly hues: readonly Rgb[];
	/** Whether colours darken what is behind them, or lighten it. */
	readonly isLight: boolean;
}

export const lightHeat: HeatPalette = {
	page: [255, 255, 255],
	hues: [
		[0, 72, 150],
		[208, 84, 0],
		[0, 128, 84],
	],
	isLight: true,
};

export const darkHeat: HeatPalette = {
	page: [20, 23, 26],
	hues: [
		[110, 196, 255],
		[255, 150, 60],
		[70, 220, 150],
	],
	isLight: false,
};

export const comparedMax = 3;

/** @param strengths of each order, 0 to 1 */
export function heatColour({ page, hues, isLight }: HeatPalette, strengths: readonly number[]): string {
	const channels = page.map((ground, channel) => {
		let value = ground;
		for (const [order, strength] of strengths.entries()) {
			const hue = hues[order]?.[channel] ?? 0;
			value = isLight ? value * (1 - (strength * (255 - hue)) / 255) : value + strength * (hue - value);
		}
		return Math.round(value);
	});
	return `rgb(${channels.join(',')})`;
}
