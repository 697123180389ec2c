# gradient-by-layer: draw again with `gnuplot gradient-by-layer.gp` in this folder; the data are in gradient-by-layer.dat.
# Three parts: what this figure is made of, the house style, the chart.

name = 'gradient-by-layer'
formats = 'svg pdf png '
lines = 3
array line_text[3] = ['Sigmoid', 'Tanh', 'ReLU']
array line_color[3] = ['#0072B2', '#D55E00', '#009E73']
array panel_title[6] = ['3 hidden layers', '5 hidden layers', '8 hidden layers', '12 hidden layers', '20 hidden layers', '30 hidden layers']
array x_low[6] = [1, 1, 1, 1, 1, 1]
array x_high[6] = [3.12, 5.2, 8.32, 12.48, 20.8, 31.200000000000003]
array x_step[6] = [1, 1, 2, 5, 5, 10]
x_log = 0
y_log = 1
y_low = 1.0*1.1443860365720325e-21
y_high = 1.0*2.19302135552417
y_ticks = 5
array y_tick_at[5] = [1e-20, 1e-15, 1e-10, 1e-05, 1]
array y_tick_text[5] = ['10^{−20}', '10^{−15}', '10^{−10}', '10^{−5}', '10^{0}']
x_ticks = 0
array x_tick_at[1] = [NaN]
array x_tick_text[1] = ['']
x_title = 'layer (1 = next to the input)'
y_title = 'gradient  {/:Italic δ}_{rms}'
guides = 0
array guide_at[1] = [NaN]
array guide_text[1] = ['']
array label_y[18] = [NaN, NaN, NaN, NaN, NaN, NaN, 0.8383891312724284, 1.0331943260776233, 0.9357917286750258, NaN, NaN, NaN, NaN, NaN, NaN, 0.8363589975082645, 1.0311641923134593, 0.9337615949108619]
key_count = 0
key_title = ''
array key_text[1] = ['']
array key_color[1] = ['']
title_lines = 1
array title[1] = ['Sigmoid loses 0.64 decades per layer; tanh and ReLU keep their gradient']
subtitle_lines = 1
array subtitle[1] = ['Median of 5 seeds, band 10–90 %; dashed: mean-field prediction; at initialisation; width 32; spirals']
page_width = 1.0*7.2
page_height = 1.0*4.869999999999999
title_x = 1.0*0.09999999999999999
title_y = 1.0*0.9589322381930184
title_step = 1.0*0.04414784394250514
subtitle_y = 1.0*0.9168377823408624
subtitle_step = 1.0*0.03388090349075976
panels = 6
panel_columns = 3
array panel_left[6] = [0.09999999999999999, 0.37592592592592594, 0.6518518518518518, 0.09999999999999999, 0.37592592592592594, 0.6518518518518518]
array panel_right[6] = [0.34814814814814815, 0.6240740740740741, 0.9, 0.34814814814814815, 0.6240740740740741, 0.9]
array panel_bottom[6] = [0.5256673511293635, 0.5256673511293635, 0.5256673511293635, 0.10677618069815192, 0.10677618069815192, 0.10677618069815192]
array panel_top[6] = [0.8418891170431212, 0.8418891170431212, 0.8418891170431212, 0.42299794661190965, 0.42299794661190965, 0.42299794661190965]

# ---- the house style: fonts, inks, grid, terminals ------------------------------------------------------------------
# Sizes in points and inches are true in all three formats. Without Lato fontconfig takes the default, on most machines
# DejaVu Sans: that costs looks, never a figure.

set encoding utf8
set minussign
ink = '#222222'
quiet = '#666666'
faint = '#E4E4E4'
cairo_face = 'Lato'
face = cairo_face
web_face = 'Lato&#44; DejaVu Sans&#44; sans-serif'   # a family list, in the one spelling that gnuplot passes on

# An SVG is laid out in pixels of 1/96 inch, the others in points; PNG at 200 dots per inch.
unit = 1.0
sized(points) = sprintf('%s,%.2f', face, points * unit)
page(format) = format eq 'svg' ? \
    sprintf("unit = 96.0/72; face = web_face; set terminal svg size %d,%d font '%s,12' rounded linewidth 1 background '#FFFFFF'", \
            page_width * 96, page_height * 96, web_face) : \
  format eq 'pdf' ? \
    sprintf("unit = 1.0; face = cairo_face; set terminal pdfcairo size %gin,%gin font '%s,9' fontscale 0.75 linewidth 2.1 rounded", \
            page_width, page_height, cairo_face) : \
    sprintf("unit = 1.0; face = cairo_face; set terminal pngcairo size %d,%d font '%s,9' fontscale 2.0833 linewidth 2.0833 pointscale 2 rounded", \
            page_width * 200, page_height * 200, cairo_face)

band(color) = (lines > 4 ? '#DC' : '#C0').color[2:7]   # the same colour, nearly transparent
inch_x(x) = x / page_width       # inches as a share of the page
inch_y(y) = y / page_height

set border 3 lc rgb '#444444' lw 0.8
set tics nomirror out scale 0.4,0.2 textcolor rgb '#333333'
set grid lt 1 lc rgb faint lw 0.8
set style fill solid noborder
unset key

# ---- lines with bands, in small multiples ----------------------------------------------------------------------------
# Block (p - 1) * lines + c - 1 of the data holds line c of panel p: x, median, low, high, predicted, mark, point type.

data = name.'.dat'
block(p, c) = (p - 1) * lines + c - 1
on_axis(y) = y < y_low ? y_low : y > y_high ? y_high : y   # marks and bands beyond the axis stand on its end

do for [format in formats] {
  eval page(format)
  set output name.'.'.format
  set multiplot

  do for [i=1:title_lines] {
    set label title[i] at screen title_x, title_y - (i - 1) * title_step font sized(13) tc rgb ink
  }
  do for [i=1:subtitle_lines] {
    set label subtitle[i] at screen title_x, subtitle_y - (i - 1) * subtitle_step font sized(9) tc rgb quiet
  }
  set label x_title at screen (panel_left[1] + panel_right[panel_columns]) / 2, inch_y(0.15) center font sized(9.5) tc rgb ink
  set label y_title at screen inch_x(0.17), (panel_top[1] + panel_bottom[panels]) / 2 center rotate font sized(9.5) tc rgb ink

  # The key of an ordered palette: swatches at the right, top to bottom.
  key_x = panel_right[panel_columns] + inch_x(0.2)
  if (key_count > 0) {
    set label key_title at screen key_x, panel_top[1] - inch_y(0.05) font sized(8.5) tc rgb quiet
  }
  do for [i=1:key_count] {
    y = panel_top[1] - inch_y(0.08 + 0.165 * i)
    set arrow from screen key_x, y to screen key_x + inch_x(0.2), y nohead lc rgb key_color[i] lw 2.5
    set label key_text[i] at screen key_x + inch_x(0.27), y font sized(8.5) tc rgb ink
  }

  tick_font = sized(8.5)   # `set tics` takes a variable, but no function
  set tics font tick_font
  do for [p=1:panels] {
    set lmargin at screen panel_left[p]
    set rmargin at screen panel_right[p]
    set tmargin at screen panel_top[p]
    set bmargin at screen panel_bottom[p]
    set xrange [x_low[p]:x_high[p]]
    set yrange [y_low:y_high]
    if (x_log) { set logscale x; unset mxtics }
    if (y_log) { set logscale y; unset mytics }
    first_column = (p - 1) % panel_columns == 0
    set ytics ()
    do for [i=1:y_ticks] { set ytics add ((first_column ? y_tick_text[i] : '') y_tick_at[i]) }
    if (x_ticks > 0) {
      set xtics ()
      do for [i=1:x_ticks] { set xtics add (x_tick_text[i] x_tick_at[i]) }
    } else {
      set xtics x_step[p]
      if (x_low[p] == 1 && x_step[p] > 1) { set xtics add ('1' 1) }   # a count begins at 1, between two steps
    }
    set title panel_title[p] font sized(9.5) tc rgb ink offset 0,-0.5

    # Lines are named at their ends, in their own colour.
    do for [c=1:lines] {
      k = (p - 1) * lines + c
      if (label_y[k] == label_y[k]) {
        set label line_text[c] at graph 1, label_y[k] offset 0.7,0 font sized(9) tc rgb line_color[c]
      }
    }
    # A guide is named on the side it speaks of.
    do for [i=1:guides] {
      set arrow from graph 0, first guide_at[i] to graph 1, first guide_at[i] nohead back lc rgb '#999999' lw 0.8 dt (2,3)
      if (p % panel_columns == 0 || p == panels) {
        set label guide_text[i] at graph 0.98, first guide_at[i] right offset 0,(guide_at[i] < 0 ? -0.7 : 0.7) front font sized(8) tc rgb quiet
      }
    }
    plot for [c=1:lines] data index block(p,c) using 1:(on_axis($3)):(on_axis($4)) with filledcurves fc rgb band(line_color[c]), \
         for [c=1:lines] data index block(p,c) using 1:2 with lines lc rgb line_color[c] lw 2.2, \
         for [c=1:lines] data index block(p,c) using 1:5 with lines lc rgb ink lw 1.1 dt (11,9), \
         for [c=1:lines] data index block(p,c) using 1:(on_axis($6)):7 with points pt variable ps 0.7 lw 1.6 lc rgb line_color[c]
    unset label
    unset arrow
  }
  unset multiplot
  set output
  unset logscale
}
