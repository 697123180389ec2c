# ---- a matrix of cells with numbers in them --------------------------------------------------------------------------
# Block p - 1 of the data holds panel p: column, row, share trained (NaN: not run), trained, runs, factor, steps to half, cost.

data = name.'.dat'
set palette defined (0 '#F7FBFF', 0.25 '#C6DBEF', 0.5 '#6BAED6', 0.75 '#2171B5', 1 '#08306B')
set palette maxcolors 0
set cbrange [0:1]
unset colorbox
unset grid
set border 0
set tics scale 0
ends(value) = abs(value) < 1e300                           # infinity is written as 1e308
part(format, value) = value == value ? sprintf(format, value) : '–'
steps(value) = value != value ? '–' : ends(value) ? sprintf('%g steps', value) : 'never'
line_of(i, trained, runs, factor, half, cost) = i == 1 ? sprintf(roomy ? '%d of %d' : '%d/%d', trained, runs) : \
    i == 2 ? part('×%.2g', factor) : i == 3 ? steps(half) : cost == cost ? sprintf('cost ×%.2g', cost) : ''
height(i) = roomy ? 0.58 - 0.24 * i : 0                       # of line i over the middle of its cell
if_dark(deep, share, text) = (share > 0.6) == deep ? text : ''

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
  tick_font = sized(8.5)   # `set tics` takes a variable, but no function
  set tics font tick_font
  small_font = sized(7)
  roomy = (panel_right[1] - panel_left[1]) * page_width / x_cells > 0.55
  do for [p=1:panels] {
    set lmargin at screen panel_left[p]
    set rmargin at screen panel_right[p]
    set tmargin at screen panel_top[p]
    set bmargin at screen panel_bottom[p]
    set xrange [0.5:x_cells+0.5]
    set yrange [0.5:y_cells+0.5]
    if (roomy) { set xtics () norotate offset 0,0.4 } else { set xtics () rotate by 45 right offset 0,0 }
    do for [i=1:x_cells] { set xtics add (x_tick_text[i] i) }
    if (p == 1) {
      set ytics () offset 0.4,0
      do for [i=1:y_cells] { set ytics add (y_tick_text[i] i) }
    } else { unset ytics }
    set title panel_title[p] font sized(9.5) tc rgb ink offset 0,-0.5
    plot data index p-1 using ($3 == $3 ? NaN : $1):2:($1-0.5):($1+0.5):($2-0.5):($2+0.5) with boxxyerror fs pattern 4 fc rgb hatch, \
         data index p-1 using ($3 == $3 ? $1 : NaN):2:($1-0.5):($1+0.5):($2-0.5):($2+0.5):3 with boxxyerror fc palette fs solid border lc rgb paper, \
         for [deep=0:1] for [i=1:roomy ? 4 : 1] data index p-1 using ($3 == $3 ? $1 : NaN):($2+height(i)): \
             (if_dark(deep, $3, line_of(i, $4, $5, $6, $7, $8))) with labels font small_font tc rgb (deep ? '#FFFFFF' : '#222222')
    unset label
  }
  unset multiplot
  set output
}
