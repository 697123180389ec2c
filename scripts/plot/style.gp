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
