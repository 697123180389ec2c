# ---- heat maps in small multiples: shades of a magnitude, or colours of categories -----------------------------------
# Block p - 1 of the data holds panel p, one row per cell: column, row, shade (log10 of the value), kind.
# A refined map has three more columns: level of refinement, width and height of the point's cell; finer cells lie over coarser.
# Kind 0 is shaded; kind k > 0 has the colour kind_color[k] and, where cells are large, the sign kind_sign[k].

data = name.'.dat'
over = cells_are_large ? 0.5 : x_cells > 100 || y_cells > 100 ? 1.0 : 0.6   # overlap, or the page shines through the seams
if (!exists("refined")) refined = 0
if (refined) { over = 0.52 }
# The cells of panel p at level l of refinement for which `which` holds.
large(p, l, which) = sprintf("data index %d using (%s && $8 == %d ? $1 : NaN):2:($1-0.5*$9):($1+over*$9):($2-0.5*$10):($2+over*$10)", p - 1, which, l)
cell(p, k) = sprintf("data index %d using ($4 == %d ? $1 : NaN):2:($1-0.5):($1+over):($2-0.5):($2+over)", p - 1, k)

hatched_below = cells_are_large ? 1 : 0   # kinds above are filled
of_kind(k) = k > 0 ? int(k) : 1          # cells that are shaded ask for a colour too
signs = 0
array kind_rgb[kinds]
array sign_rgb[kinds]
do for [k=1:kinds] {
  kind_rgb[k] = int('0x'.kind_color[k][2:7])
  sign_rgb[k] = int('0x'.kind_sign_color[k][2:7])
  if (kind_sign[k] ne '') { signs = signs + 1 }
}
stride_x = ceil(x_cells / 16.0)
stride_y = ceil(y_cells / 12.0)
shows(x, y) = cells_are_large || (int(x) % stride_x == stride_x / 2 && int(y) % stride_y == stride_y / 2)

set palette maxcolors 0
if (shades == 2) {   # both ways from 1
  set palette defined (0 '#053061', 1 '#2166AC', 2 '#4393C3', 3 '#92C5DE', 4 '#D1E5F0', 5 '#F7F7F7', \
                       6 '#FDDBC7', 7 '#F4A582', 8 '#D6604D', 9 '#B2182B', 10 '#67001F')
} else {
  set palette defined (0 '#440154', 1 '#482878', 2 '#3E4A89', 3 '#31688E', 4 '#26828E', \
                       5 '#1F9E89', 6 '#35B779', 7 '#6DCD59', 8 '#B4DE2C', 9 '#FDE725')
}
if (shades == 0) { set palette negative }
unset grid
set border 0
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
  set label x_title at screen (panel_left[1] + panel_right[panel_columns]) / 2, inch_y(0.15) center font sized(9.5) tc rgb ink
  set label y_title at screen inch_x(0.17), (panel_top[1] + panel_bottom[panels]) / 2 center rotate font sized(9.5) tc rgb ink

  # At the right: the bar of shades, and under it the colours that stand for something else.
  key_x = panel_right[panel_columns] + inch_x(0.18)
  bar = shaded ? panel_top[1] - inch_y(0.2) - (panel_bottom[1] + inch_y(0.25 * key_count)) : 0
  if (shaded) {
    set label shade_title at screen key_x, panel_top[1] - inch_y(0.05) font sized(8.5) tc rgb quiet
    set colorbox user origin screen key_x, panel_top[1] - inch_y(0.2) - bar size screen inch_x(0.14), bar noborder
    set cbrange [shade_low:shade_high]
    tick_font = sized(8.5)
    set cbtics () font tick_font offset -0.6,0
    do for [i=1:shade_ticks] { set cbtics add (shade_tick_text[i] shade_tick_at[i]) }
  } else {
    unset colorbox
  }
  do for [i=1:key_count] {
    y = shaded ? panel_bottom[1] + inch_y(0.09 + 0.19 * (key_count - i)) : panel_top[1] - inch_y(0.09 + 0.2 * (i - 1))
    hatched = key_hatched[i] && cells_are_large
    if (hatched) {
      set object rectangle from screen key_x, y - inch_y(0.065) to screen key_x + inch_x(0.14), y + inch_y(0.065) \
          fc rgb hatch fs pattern 4 noborder
    } else {
      set object rectangle from screen key_x, y - inch_y(0.065) to screen key_x + inch_x(0.14), y + inch_y(0.065) \
          fc rgb key_color[i] fs solid noborder
    }
    set label key_sign[i] at screen key_x + inch_x(0.07), y center front font sized(8) tc rgb key_sign_color[i]
    set label key_text[i] at screen key_x + inch_x(0.2), y font sized(8.5) tc rgb ink
  }

  tick_font = sized(8.5)   # `set tics` takes a variable, but no function
  set tics font tick_font
  small_font = sized(8)
  edge = cells_are_large ? 'border lc rgb paper' : 'noborder'
  do for [p=1:panels] {
    set lmargin at screen panel_left[p]
    set rmargin at screen panel_right[p]
    set tmargin at screen panel_top[p]
    set bmargin at screen panel_bottom[p]
    set xrange [0.5:x_cells+0.5]
    set yrange [0.5:y_cells+0.5]
    set xtics () offset 0,0.4
    do for [i=1:x_ticks] { set xtics add (x_tick_text[i] x_tick_at[i]) }
    if ((p - 1) % panel_columns == 0) {
      set ytics () offset 0.4,0
      do for [i=1:y_ticks] { set ytics add (y_tick_text[i] y_tick_at[i]) }
    } else { unset ytics }
    set title panel_title[p] font sized(9.5) tc rgb ink offset 0,-0.5
    command = 'plot '.(refined ? large(p, 0, '$4 == 0') : cell(p, 0)).':3 with boxxyerror fc palette fs solid '.edge
    do for [l=0:refined-1] {
      if (l > 0) { command = command.', '.large(p, l, '$4 == 0').':3 with boxxyerror fc palette fs solid '.edge }
      command = command.', '.large(p, l, '$4 > 0').':(kind_rgb[of_kind($4)]) with boxxyerror fc rgb variable fs solid '.edge
    }
    # Kind 1 was not run: hatched. Signs stand in every cell of a large-celled map, here and there in one of many cells.
    if (!refined) {
      command = command.sprintf(", data index %d using ($4 > hatched_below ? $1 : NaN):2:($1-0.5):($1+over):($2-0.5):($2+over):(kind_rgb[of_kind($4)])", p - 1)
      command = command.' with boxxyerror fc rgb variable fs solid '.edge
    }
    if (hatched_below > 0) { command = command.', '.cell(p, 1).' with boxxyerror fs pattern 4 fc rgb hatch' }
    if (signs > 0) {
      command = command.sprintf(", data index %d using ($4 > 0 && shows($1, $2) ? $1 : NaN):2:(kind_sign[of_kind($4)]):(sign_rgb[of_kind($4)]) with labels font small_font tc rgb variable", p - 1)
    }
    if (theory) {
      command = command.sprintf(", data index %d using 1:2 with lines lc rgb '#000000' lw 3.4", panels + p - 1)
      command = command.sprintf(", data index %d using 1:2 with lines lc rgb '#FFFFFF' lw 1.8", panels + p - 1)
      if (critical_row[p] == critical_row[p]) {
        set arrow from graph 0, first critical_row[p] to graph 1, first critical_row[p] nohead front lc rgb '#000000' lw 1.4 dt (6,5)
      }
    }
    eval command
    unset arrow
    unset label
    unset object
    unset colorbox
  }
  unset multiplot
  set output
}
