# ---- decision boundaries: the plane by a net's answer, the lines of its first layer, the examples ---------------------
# The data: three blocks a panel: x, y, answer in 0 ... 1; x, y, dx, dy of a line; x, y, label of an example.

data = name.'.dat'
set palette defined (0 '#9CC7E0', 0.5 '#FFFFFF', 1 '#F2C48D')
set palette maxcolors 0
set cbrange [0:1]
unset colorbox
unset grid
set tics scale 0

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
  set label 'x_1' at screen (panel_left[1] + panel_right[panel_columns]) / 2, inch_y(0.15) center font sized(9.5) tc rgb ink
  set label 'x_2' at screen inch_x(0.17), (panel_top[1] + panel_bottom[panels]) / 2 center font sized(9.5) tc rgb ink
  tick_font = sized(8.5)
  set xrange [low:high]
  set yrange [low:high]
  do for [p=1:panels] {
    set lmargin at screen panel_left[p]
    set rmargin at screen panel_right[p]
    set tmargin at screen panel_top[p]
    set bmargin at screen panel_bottom[p]
    set xtics 1 font tick_font
    set ytics 1 font tick_font
    set title panel_title[p] font sized(9.5) tc rgb ink offset 0,-0.5
    plot data index 3 * p - 3 using 1:2:3 with image, \
         data index 3 * p - 2 using 1:2:3:4 with vectors nohead lc rgb ink lw 1.6, \
         data index 3 * p - 1 using 1:($3 < 0.5 ? $2 : NaN) with points pt 6 ps 1.3 lw 2 lc rgb '#0072B2', \
         data index 3 * p - 1 using 1:($3 > 0.5 ? $2 : NaN) with points pt 7 ps 1.3 lc rgb '#D55E00'
    unset label
  }
  unset multiplot
  set output
}
