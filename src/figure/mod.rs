//! Figures by plotters: one drawing function for canvas and SVG.
