/** The colours of pictures in the theme of now. */
import { darkHeat, type HeatPalette, lightHeat } from './heat-colours.ts';
import { darkPalette, lightPalette, type Palette } from './loss-levels.ts';

export function isDark(): boolean {
	const chosen = document.documentElement.dataset['theme'];
	return chosen === undefined ? matchMedia('(prefers-color-scheme: dark)').matches : chosen === 'dark';
}

export function paletteNow(): Palette {
	return isDark() ? darkPalette : lightPalette;
}

export function heatPaletteNow(): HeatPalette {
	return isDark() ? darkHeat : lightHeat;
}
