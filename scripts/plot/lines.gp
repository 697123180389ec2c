# ---- lines with bands, in small multiples ----------------------------------------------------------------------------
# theory_band 1: columns 9 and 10 are the ends of the predicted band. Without it the same lines lie hidden under the medians: a loop
# from 1 to 0 runs once here.
# Block (p - 1) * lines + c - 1 of the data holds line c of panel p: x, median, low, high, predicted, mark, point type.

data = name.'.dat'
if (!exists("theory_band")) theory_band = 0
if (!exists("theory_colored")) theory_colored = 0
block(p, c) = (p - 1) * lines + c - 1
on_axis(y) = y < y_low ? y_low : y > y_high ? y_high : y   # marks and bands beyond the axis stand on its end

do for [format in formats] {
  eval page(format)
  set output picture(format)
  set multiplot

  do for [i=1:title_lines] {
    set label title[i] at screen title_x, title_y - (i - 1) * title_step font sized(13) tc rgb ink
  }
  do for [i=1:subtitle_lines] {
    set label subtitle[i] at screen title_x, subtitle_y - (i - 1) * subtitle_step font sized(9) tc rgb quiet
  }
  set label x_title at screen (panel_left[1] + panel_right[panel_columns]) / 2, inch_y(0.15) center font sized(9.5) tc rgb ink
  if (exists("row_title")) {
    do for [r=1:|row_title|] {
      p = (r - 1) * panel_columns + 1
      set label row_title[r] at screen inch_x(0.17), (panel_top[p] + panel_bottom[p]) / 2 center rotate font sized(9.5) tc rgb ink
    }
  } else {
    set label y_title at screen inch_x(0.17), (panel_top[1] + panel_bottom[panels]) / 2 center rotate font sized(9.5) tc rgb ink
  }

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
    do for [i=1:y_minors] { set ytics add ('' y_minor_at[i] 1) }
    do for [i=1:y_ticks] { set ytics add ((first_column ? y_tick_text[i] : '') y_tick_at[i]) }
    if (x_ticks > 0) {
      set xtics ()
      do for [i=1:x_minors] { set xtics add ('' x_minor_at[i] 1) }
      do for [i=1:x_ticks] { set xtics add (x_tick_text[i] x_tick_at[i]) }
    } else {
      set xtics x_step[p]
      if (x_low[p] == 1 && x_step[p] > 1) { set xtics add ('1' 1) }   # a count begins at 1, between two steps
    }
    set title (p <= |panel_title| ? panel_title[p] : '') font sized(9.5) tc rgb ink offset 0,-0.5

    # Lines are named at their ends, in their own colour.
    do for [c=1:lines] {
      k = (p - 1) * lines + c
      if (label_y[k] == label_y[k]) {
        set label line_text[c] at graph 1, label_y[k] offset 0.7,0 font sized(9) tc rgb line_color[c]
      }
    }
    if (exists("panel_note")) { set label panel_note[p] at graph 0.5, 0.5 center font sized(9) tc rgb quiet }
    # A guide is named on the side it speaks of.
    do for [i=1:guides] {
      set arrow from graph 0, first guide_at[i] to graph 1, first guide_at[i] nohead back lc rgb '#999999' lw 0.8 dt (2,3)
      if (p % panel_columns == 0 || p == panels) {
        share = y_log ? log(guide_at[i] / y_low) / log(y_high / y_low) : (guide_at[i] - y_low) / (y_high - y_low)
        below = guide_at[i] < 0 || share > 0.85
        set label guide_text[i] at graph 0.98, first guide_at[i] right offset 0,(below ? -0.7 : 0.7) front font sized(8) tc rgb quiet
      }
    }
    plot for [c=1:lines] data index block(p,c) using 1:(on_axis($3)):(on_axis($4)) with filledcurves fc rgb band(line_color[c]), \
         for [c=1:lines] data index block(p,c) using 1:(column(theory_band > 0 ? 9 : 2)) with lines lc rgb (theory_band > 0 ? ink : line_color[c]) lw 0.6 dt (3,4), \
         for [c=1:lines] data index block(p,c) using 1:(column(theory_band > 0 ? 10 : 2)) with lines lc rgb (theory_band > 0 ? ink : line_color[c]) lw 0.6 dt (3,4), \
         for [c=1:lines] data index block(p,c) using 1:2 with lines lc rgb line_color[c] lw 2.2, \
         for [c=1:lines] data index block(p,c) using 1:5 with lines lc rgb (theory_colored > 0 ? line_color[c] : ink) lw 1.1 dt (11,9), \
         for [c=1:lines] data index block(p,c) using 1:(on_axis($6)):7 with points pt variable ps 0.7 lw 1.6 lc rgb line_color[c]
    unset label
    unset arrow
  }
  unset multiplot
  set output
  unset logscale
}
