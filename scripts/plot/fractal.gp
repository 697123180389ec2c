# ---- one map of very many cells: -1 to 0 converged, 0 to 1 did not ----------------------------------------------------
# The data: x, y (log10 on log axes), shade.

data = name.'.dat'
set palette defined (-1 '#053061', -0.75 '#2166AC', -0.5 '#4393C3', -0.25 '#92C5DE', -0.001 '#D1E5F0', \
                      0.001 '#FDDBC7', 0.25 '#F4A582', 0.5 '#D6604D', 0.75 '#B2182B', 1 '#67001F')
set palette maxcolors 0
set cbrange [-1:1]
unset colorbox
unset grid
set tics out scale 0.4

do for [format in formats] {
  eval page(format)
  set output picture(format)
  do for [i=1:title_lines] {
    set label title[i] at screen title_x, title_y - (i - 1) * title_step font sized(13) tc rgb ink
  }
  do for [i=1:subtitle_lines] {
    set label subtitle[i] at screen title_x, subtitle_y - (i - 1) * subtitle_step font sized(9) tc rgb quiet
  }
  set lmargin at screen panel_left[1]
  set rmargin at screen panel_right[1]
  set tmargin at screen panel_top[1]
  set bmargin at screen panel_bottom[1]
  set xrange [x_low:x_high]
  set yrange [y_low:y_high]
  tick_font = sized(8.5)
  set xtics () font tick_font
  do for [i=1:x_ticks] { set xtics add (x_tick_text[i] x_tick_at[i]) }
  set ytics () font tick_font
  do for [i=1:y_ticks] { set ytics add (y_tick_text[i] y_tick_at[i]) }
  set label x_title at screen (panel_left[1] + panel_right[1]) / 2, inch_y(0.15) center font sized(9.5) tc rgb ink
  set label y_title at screen inch_x(0.17), (panel_top[1] + panel_bottom[1]) / 2 center rotate font sized(9.5) tc rgb ink
  plot data using 1:2:3 with image
  unset label
  set output
}
